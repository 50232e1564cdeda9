// Tests of input pipelines.
