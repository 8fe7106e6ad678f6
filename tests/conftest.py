"""Settings and fixtures of all tests."""

from hypothesis import settings

# How long one example takes says nothing: the machine may be busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
