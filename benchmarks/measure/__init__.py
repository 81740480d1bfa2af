"""Measurement of time, memory and work."""
