"""Dashboards outside their page: links, embeds, snapshots, export, notebooks."""
