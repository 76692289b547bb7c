"""The whole backend on one machine: what `make run`, `make token` and `make demo` do."""
