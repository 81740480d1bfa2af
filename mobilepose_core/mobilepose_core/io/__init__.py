"""Photographs, videos and webcams in; pictures, videos, JSON lines and CSV out."""
