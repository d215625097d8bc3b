"""A report on disk: the notebook run, the page, what was made from what."""
