"""Methods of an audit: rules, answers, intervals, clusters, change, scores, services."""
