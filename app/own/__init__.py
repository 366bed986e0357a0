"""Heliograph as it sees itself: its own metrics in the store, and the dashboard over them."""
