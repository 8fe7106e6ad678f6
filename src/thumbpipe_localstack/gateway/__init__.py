"""LocalStack's gateway: the addresses it listens on, the hosts it accepts, and malformed requests."""
