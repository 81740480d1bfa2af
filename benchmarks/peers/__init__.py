"""Networks that a user would pick instead of ours, and how to get them."""
