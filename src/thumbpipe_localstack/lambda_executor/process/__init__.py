"""The child process of an execution environment: its start, memory limit, and end with LocalStack."""
