"""Floor 2: from checked tables to measures (bed days, measures), as ibis expressions."""
