"""What editing does to a dashboard's document: patches and their way back, what changed, two people's work joined."""
