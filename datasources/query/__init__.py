"""The path of a query: the proxy and its stages."""
