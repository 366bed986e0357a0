"""How HTTP reaches the product: the server and its routes, what handlers share, problems, proxies in front."""
