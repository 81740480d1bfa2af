"""What was measured, for people to read: on the terminal and in docs/performance.md."""
