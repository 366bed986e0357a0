"""What runs beside the serving path, in the work role."""
