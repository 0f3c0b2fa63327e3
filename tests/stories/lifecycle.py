"""Stories of lifecycle/*."""
