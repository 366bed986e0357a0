"""One module per kind of data source; the interface and registry beside them."""
