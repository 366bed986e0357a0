"""What people and programs touch: commands, pages, API, live views, accounts."""
