"""What is installed: every package by its version and the hashes of its files, for nox, the engine and the zips."""
