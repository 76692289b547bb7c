"""Plumbing that knows no domain: settings, transactions, events in and out, HTTP conventions, security, health."""
