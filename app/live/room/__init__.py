"""The room of a dashboard: who of those logged in watches it, and the crosshairs and ranges that they share."""
