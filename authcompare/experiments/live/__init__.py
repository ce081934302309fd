"""Deployments on their feet: prepared, started, attested, lent, looked into and ended."""
