"""Access logs, metrics and functions' logs, written away from the requests that they are about."""
