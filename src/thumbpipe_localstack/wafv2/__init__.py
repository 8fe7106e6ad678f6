"""WAFv2: its API, based on moto, and verdicts on requests."""
