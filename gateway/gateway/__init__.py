"""The gateway: one address in front of the services. It owns no data and decides nothing about care."""
