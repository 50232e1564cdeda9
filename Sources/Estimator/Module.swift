// The room of the Estimator and its hooks.
