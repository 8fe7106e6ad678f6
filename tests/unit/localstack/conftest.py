from hypothesis import settings

# On a busy machine an example may take longer than hypothesis allows by default.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")
