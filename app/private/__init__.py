"""Private sessions as the view role sees them: who may have one, how many there are, and the way to the work role."""
