"""What the directory does: one file a verb."""
