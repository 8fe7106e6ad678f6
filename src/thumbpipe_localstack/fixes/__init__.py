"""Fixes of LocalStack's own services. Each module is loaded by a separate plugin."""
