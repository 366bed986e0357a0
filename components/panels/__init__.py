"""One module per panel type, each pure functions over options and frames."""
