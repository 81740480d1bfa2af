"""Person detection: our network, YOLO files, a full-frame search, and verification."""
