"""Terraform: finding or downloading it and its provider, and running it on a copy of `infra/`."""
