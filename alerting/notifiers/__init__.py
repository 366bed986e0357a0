"""The ways to a receiver: one module per kind of contact point, each with its options declared once."""
