"""Floor 1: from a file to a table that can be trusted (reading, schemas, origins, backends)."""
