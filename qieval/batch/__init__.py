"""Floor 7: many evaluations at once: plan them, run their notebooks, keep the record."""
