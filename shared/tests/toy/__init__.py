"""A service as small as can be, on which the kit is tested. It borrows the directory's name and events."""
