"""Processes: starting children that end with their parent, signals, and work beside."""
