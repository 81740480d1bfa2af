"""Evaluation: PCK, detection and tracking metrics, calibration, speed, and the report's pages."""
