"""One file a verb: what the service does."""
