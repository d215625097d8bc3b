"""What a log says in counts: the scorecard, and all that it is made of."""
