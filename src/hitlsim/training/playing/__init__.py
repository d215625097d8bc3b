"""A session: items as a reviewer sees them, what may be done, what happened. Nothing heavy."""
