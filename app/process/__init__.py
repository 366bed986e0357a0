"""What every process of the product has: its life and its end, logs, telemetry, limits, the watch over its loop."""
