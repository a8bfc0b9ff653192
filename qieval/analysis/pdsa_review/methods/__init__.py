"""Methods of a review of PDSA cycles: the log, the rubric, ramps, agreement of reviewers."""
