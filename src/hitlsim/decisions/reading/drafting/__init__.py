"""Looking at an unknown export, and drafting how it is to be read."""
