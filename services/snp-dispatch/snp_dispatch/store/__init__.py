"""The tables and the only SQL of the service."""
