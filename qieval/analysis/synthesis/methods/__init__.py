"""Methods of pooling: teams, random effects, and one model for all series as a check."""
