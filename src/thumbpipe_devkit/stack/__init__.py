"""The stack on an engine, for as long as a command runs (demo, e2e) or until `down` (up)."""
