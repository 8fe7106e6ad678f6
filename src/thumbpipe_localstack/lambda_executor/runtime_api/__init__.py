"""Lambda's Runtime API: the server that a function's process asks, and a client in pure Python."""
