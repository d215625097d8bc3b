"""What to change: thresholds, with reasons and the chance that they hold."""
