"""Rates and their intervals, also of what was seen only in part."""
