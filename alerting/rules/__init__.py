"""Rules as people declare them: in JSON, in Prometheus's files, in Python."""
