"""The explorer: move what a team decides, and watch what comes of it."""
