"""A territory played in memory: what first-come, the matcher and the batch give under the same draws."""
