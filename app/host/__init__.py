"""The collector of this machine: its metrics under the names of the node exporter, each second."""
