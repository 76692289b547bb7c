"""What the service does: one file a verb. Each takes the unit of work; none commits."""
