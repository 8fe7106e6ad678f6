"""Requests to origins: S3 buckets, REST APIs and HTTP servers."""
