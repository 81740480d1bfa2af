"""Other projects' networks (peers), and how to get them."""
