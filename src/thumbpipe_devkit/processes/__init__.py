"""Processes: children that end with their parent, signals, and background threads."""
