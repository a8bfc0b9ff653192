"""What a roll-up computes from its tables: averages, key findings, the items of SQUIRE 2.0."""
