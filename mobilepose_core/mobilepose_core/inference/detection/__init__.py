"""Detection of people: our network, YOLO files, a coarse search, and verification."""
