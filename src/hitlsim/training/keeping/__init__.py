"""A class in one file: who takes part, and every answer the moment it is given."""
