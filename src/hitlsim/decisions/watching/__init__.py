"""Control charts over a log: what changed, and how often chance alone would say so."""
