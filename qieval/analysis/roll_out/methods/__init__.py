"""Formulas of the roll-out: weights, permutations, scales, and the rows set beside them."""
