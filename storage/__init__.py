"""What is kept: configuration, cache, metrics. Knows nothing above it."""
