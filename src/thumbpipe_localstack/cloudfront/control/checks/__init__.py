"""Validation of distribution configurations."""
