// The room of input pipelines.
