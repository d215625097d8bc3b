"""A debrief as people see it: figures, tables and words of a page."""
