"""What is logged: the function's output as log events, Lambda's own lines, and their way to CloudWatch Logs."""
