"""WAFv2: its API from moto, and the verdict on each request."""
