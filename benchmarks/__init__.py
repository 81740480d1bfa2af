"""Side-by-side measurements; each program prints one table."""
