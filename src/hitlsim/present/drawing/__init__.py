"""Figures: one file each, drawn from what a verb found."""
