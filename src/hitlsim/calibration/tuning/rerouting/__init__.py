"""A decision log under other rules: what would have gone alone."""
