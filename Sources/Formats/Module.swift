// The room of the file formats.
