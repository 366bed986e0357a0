"""The metric store: schema, writer, planner, host collector, the store process."""
