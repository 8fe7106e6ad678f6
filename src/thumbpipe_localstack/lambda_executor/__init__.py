"""A Lambda runtime executor for LocalStack that runs functions as child processes instead of containers."""
