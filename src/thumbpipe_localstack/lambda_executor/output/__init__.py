"""Logs: the function's output as log events, Lambda's own lines, and the writer to CloudWatch Logs."""
