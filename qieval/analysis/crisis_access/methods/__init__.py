"""When requests come, and how two rates compare."""
