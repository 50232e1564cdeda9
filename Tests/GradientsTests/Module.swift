// Tests of the gradient builder.
