"""What grows, and how its cost does."""
