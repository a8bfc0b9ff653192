"""Meaning: zeros, totals among their parts, organisations over time."""
