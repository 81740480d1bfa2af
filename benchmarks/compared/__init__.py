"""Comparison of our networks with others, and performance goals."""
