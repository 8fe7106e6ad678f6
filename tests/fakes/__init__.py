"""In-memory stand-ins for the ports, held to the same contract tests as the adapters."""
