"""Times, memory and work, measured and counted."""
