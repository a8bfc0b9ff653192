"""What charts are made of: series, phases, limits, patterns, rules, and which chart to choose."""
