"""Signature verification for LocalStack: requests must be signed with an access key that this engine issued."""
