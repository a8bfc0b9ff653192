"""Floor 8: what leaves the workbench: accessible pages and the index of a programme."""
