// The room of the ResNet families.
