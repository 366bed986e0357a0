"""Templates of Prometheus's rules (Go's text/template): parsed and worked out here, with limits on output and steps."""
