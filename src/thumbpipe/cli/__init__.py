"""The `thumbpipe` command; it is not in the Lambda zips."""
