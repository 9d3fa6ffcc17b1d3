"""How fast, how heavy, and how flat: see docs/benchmarks.md."""
