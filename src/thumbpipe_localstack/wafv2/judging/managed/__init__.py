"""AWS's managed rule groups, as far as they are supported."""
