"""Floor 0: what every other floor stands on (errors, results, periods, settings, the workspace)."""
