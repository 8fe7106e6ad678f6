"""Signed URLs and signed cookies."""
