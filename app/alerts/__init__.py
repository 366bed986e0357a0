"""The alert role: what it is made of, what it answers, and what it counts."""
