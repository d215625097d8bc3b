"""A recommendation as short texts, tables and a picture."""
