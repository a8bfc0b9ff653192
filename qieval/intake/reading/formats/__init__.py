"""Formats: from a file to a grid of cells, and what its format alone knows."""
