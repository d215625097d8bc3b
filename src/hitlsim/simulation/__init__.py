"""How it happens: draws, rules, the desk, and what governs it."""
