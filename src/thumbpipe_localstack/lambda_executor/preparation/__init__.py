"""Preparation of an execution environment: interpreter, layers, packages, environment variables."""
