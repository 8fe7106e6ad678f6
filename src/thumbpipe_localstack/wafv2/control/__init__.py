"""WAFv2's API."""
