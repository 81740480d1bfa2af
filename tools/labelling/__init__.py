"""Teachers label people whom a data set leaves out or labels wrongly."""
