"""The keys that sign URLs of renditions and originals: created, activated and retired."""
