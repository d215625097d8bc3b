"""A page that plays a desk's week."""
