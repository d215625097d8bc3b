"""What the rollout report says and shows."""
