// The room of layers, losses, metrics, optimizers and schedules.
