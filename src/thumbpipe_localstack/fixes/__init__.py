"""Fixes of LocalStack's own services: each is a module that LocalStack loads and that no other part needs."""
