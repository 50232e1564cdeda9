// The room of the gradient builder.
