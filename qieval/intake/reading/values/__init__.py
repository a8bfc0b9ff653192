"""Values: from cells to dates, periods, numbers and text; suppressed figures with their bounds."""
