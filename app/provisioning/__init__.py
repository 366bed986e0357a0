"""Folders of dashboards and rules that an operator names: found, read whole, brought into the database, watched."""
