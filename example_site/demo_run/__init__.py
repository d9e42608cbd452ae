"""The parts of ``run_demo.py``."""
