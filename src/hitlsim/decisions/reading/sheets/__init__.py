"""Every plausible file as a table of texts."""
