"""Tables of the service and the only SQL."""
