"""Locks of nox's environments, the engine and the zips: every package's version and the hashes of its files."""
