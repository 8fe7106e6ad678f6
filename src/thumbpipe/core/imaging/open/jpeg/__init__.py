"""JPEG: its segments and scans, which kinds are supported, and whether all its rows are there."""
