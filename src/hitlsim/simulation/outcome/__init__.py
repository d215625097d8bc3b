"""What came of it: as a log, and as counts."""
