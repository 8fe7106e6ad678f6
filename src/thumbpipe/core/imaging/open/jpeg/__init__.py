"""JPEG: its segments and scans, which kinds are taken, and whether its rows are all there."""
