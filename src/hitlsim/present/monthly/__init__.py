"""What the monthly report says and shows."""
