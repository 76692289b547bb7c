"""Measures the promises of the project on this machine: `make bench`."""
