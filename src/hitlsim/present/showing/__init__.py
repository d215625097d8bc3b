"""What a notebook shows of scenarios, runs, scorecards, recommendations and the like."""
