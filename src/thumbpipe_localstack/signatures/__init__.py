"""Signatures for LocalStack: a request is whose key signed it, and a key is one that this engine gave away."""
