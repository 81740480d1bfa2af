"""Scaling: what grows, and how its cost grows."""
