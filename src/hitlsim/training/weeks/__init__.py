"""Twelve weeks of you: a trainee's measured habits become a reviewer in the simulator."""
