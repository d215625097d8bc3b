"""What answers show: detection and action, habits, costs, what to practise."""
