"""A scenario learnt from logs: what they say, how sure that is, and what they cannot say."""
