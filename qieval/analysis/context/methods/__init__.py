"""When results were measured and changed, and what is known of staffing."""
