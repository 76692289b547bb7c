"""The tables of the directory and the only SQL of the service."""
