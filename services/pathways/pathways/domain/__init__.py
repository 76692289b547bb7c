"""Rules in plain Python: no I/O, no clock, no database."""
