"""Tables, and the only SQL of the service."""
