"""The distributions themselves: requests in, answers from a cache or an origin out."""
