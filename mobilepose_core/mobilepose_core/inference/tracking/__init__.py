"""Tracking: prediction, association, re-identification and smoothing."""
