// Tests of layers, losses, metrics, optimizers and schedules.
