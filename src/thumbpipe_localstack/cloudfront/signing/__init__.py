"""Verification of signed URLs and signed cookies."""
