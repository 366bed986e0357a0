"""Dashboards of Grafana brought into ours: pure functions of its documents, with notes on what is not carried over."""
