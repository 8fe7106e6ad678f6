"""Samples, metrics and logs of requests, written in the background."""
