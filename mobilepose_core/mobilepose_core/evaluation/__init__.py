"""How good joints are: PCK, and tables and curves of it."""
