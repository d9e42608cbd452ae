"""The work itself; each function runs in a process of its own (``benchmarks.one``)."""
