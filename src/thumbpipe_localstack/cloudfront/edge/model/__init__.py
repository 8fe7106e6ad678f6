"""A distribution as the edge serves it: behaviours, cache settings, origins, path patterns."""
