"""Dashboards as people see them: specs, grid, units, theme, layouts, one module per panel type."""
