"""Serverless image thumbnails: the Lambda functions' code and the `thumbpipe` command."""
