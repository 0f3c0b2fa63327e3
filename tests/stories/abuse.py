"""Stories of abuse/*."""
