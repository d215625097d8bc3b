"""Queues in closed form: an oracle for the engines, and how many people it takes."""
