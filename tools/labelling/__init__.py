"""Labelling by teacher networks: corrected and additional annotations of data sets."""
