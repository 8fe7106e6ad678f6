"""The operations of WAFv2's API."""
