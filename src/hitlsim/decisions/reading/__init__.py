"""A file becomes a decision log: what can be used, and what cannot."""
