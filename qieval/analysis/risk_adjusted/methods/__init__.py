"""The arithmetic of risk-adjusted charts: cases and their chances, scores, run lengths."""
