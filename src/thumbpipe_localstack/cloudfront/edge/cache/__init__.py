"""The cache: keys, lifetimes, and who asks the origin when several viewers want the same."""
