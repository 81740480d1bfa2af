"""Tracking of people from frame to frame: prediction, association, re-identification, smoothing."""
