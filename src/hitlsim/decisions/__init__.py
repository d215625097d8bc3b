"""What happened: the decision log, what can be counted in it, and how sure that is."""
