"""What a funnel is made of: options, units, scales and limits, power."""
