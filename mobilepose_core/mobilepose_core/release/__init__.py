"""From a checkpoint to a released model: export, quantisation, calibration, cards and report."""
