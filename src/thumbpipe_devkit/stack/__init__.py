"""The stack on an engine: up while a command runs (demo, e2e), or until `down` (up)."""
