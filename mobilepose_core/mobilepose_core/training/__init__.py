"""Training: crops in memory, augmentation, losses, schedules, weight averaging, and the loop."""
