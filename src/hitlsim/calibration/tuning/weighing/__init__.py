"""What each look is worth, and the best rules that a person can apply."""
