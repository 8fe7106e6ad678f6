"""Fixes of LocalStack's own services. LocalStack loads each module by a plugin of its own."""
