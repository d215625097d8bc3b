"""Decks: drawn from a log, priced, shown as a reviewer would see them."""
