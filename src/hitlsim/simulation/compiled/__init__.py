"""The compiled engine: the same model on flat arrays."""
