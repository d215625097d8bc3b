"""The reference engine, on SimPy: written to be read."""
