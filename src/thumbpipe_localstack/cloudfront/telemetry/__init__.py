"""Access logs, metrics and functions' logs, written in the background."""
