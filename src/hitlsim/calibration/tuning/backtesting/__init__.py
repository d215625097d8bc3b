"""Advice as it would have been given, judged on the month after."""
