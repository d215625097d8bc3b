"""Training: a deck of decisions, a cohort's answers, their scores, and the debrief."""
