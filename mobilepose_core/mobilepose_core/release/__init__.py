"""From a checkpoint to a released model: export, quantisation, calibration, cards, the report."""
