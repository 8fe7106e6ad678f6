"""The keys that sign the URLs of renditions and originals: made, put to use, and retired."""
