"""Where the AI may act alone: the rules found, priced, certified and tried out."""
