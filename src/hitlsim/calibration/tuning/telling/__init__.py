"""A recommendation in words, as a difference, and as a file."""
