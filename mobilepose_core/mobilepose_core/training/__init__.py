"""Training: loose crops, augmentation, losses, schedule, averaging, and the loop."""
