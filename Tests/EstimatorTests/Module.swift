// Tests of the Estimator and its hooks.
