"""Layout: from a grid of cells to a table with headings; what is not data is left out and told."""
