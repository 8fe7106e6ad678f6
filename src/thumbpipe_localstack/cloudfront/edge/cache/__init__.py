"""The cache: keys, lifetimes, compression, and requests to origins on behalf of several viewers at once."""
