"""What a log shows of how people review, and what is wrong with it."""
