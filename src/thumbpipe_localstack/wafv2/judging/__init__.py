"""Evaluation of web ACLs: pure, and compiled once per change."""
