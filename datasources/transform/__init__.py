"""Transformations: what is done with a panel's frames before they are drawn, one module each, under Grafana's ids."""
