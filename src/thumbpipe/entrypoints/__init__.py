"""The Lambda functions: each parses an event, calls the core, and returns a result."""
