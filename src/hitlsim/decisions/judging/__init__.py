"""How many silent errors there are, and whether a log can say."""
