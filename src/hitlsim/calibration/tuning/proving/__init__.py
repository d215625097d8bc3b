"""What held-out outcomes guarantee, and what that takes."""
