"""Where viewers reach distributions: LocalStack's port, a loopback port for each, and HTTP in and out."""
