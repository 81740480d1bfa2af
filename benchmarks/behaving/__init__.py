"""What `benchmarks.behaviour` measures, a module each."""
