"""What happened to one decision, with an example of what it could have looked like."""
