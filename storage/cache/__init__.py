"""Key-value cache, messages between nodes, leases: one interface each, memory and Redis."""
