"""What the world does: all randomness, drawn before the run."""
