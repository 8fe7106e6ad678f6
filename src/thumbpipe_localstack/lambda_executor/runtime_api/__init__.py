"""Lambda's Runtime API: the server for a function's process, and a client in pure Python."""
