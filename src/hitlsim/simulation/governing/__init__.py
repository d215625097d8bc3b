"""What a team sees and does about it, day by day."""
