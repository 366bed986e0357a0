"""The config database: tables, repositories, migrations."""
