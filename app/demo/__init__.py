"""What the demo brings along: dashboards as JSON, and how they come into the database."""
