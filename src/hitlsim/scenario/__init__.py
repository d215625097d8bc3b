"""What the team decided: workflows, boundary, team, phases."""
