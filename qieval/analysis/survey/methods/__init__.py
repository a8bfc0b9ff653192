"""Methods of a survey: the scale, groups too small to be shown, ordinal models, change."""
