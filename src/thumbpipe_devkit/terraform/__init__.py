"""Terraform: finding or fetching it, finding its provider, and running it on a copy of `infra/`."""
