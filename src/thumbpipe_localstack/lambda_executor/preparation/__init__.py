"""What an execution environment needs before it starts: interpreter, layers, packages, environment variables."""
