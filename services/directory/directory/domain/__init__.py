"""Rules of the directory, without input or output."""
