"""Questions to sources: time, frames, the path of a query, one module per kind of source."""
