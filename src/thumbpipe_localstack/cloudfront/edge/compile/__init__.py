"""From a distribution's configuration to the model that serves it."""
