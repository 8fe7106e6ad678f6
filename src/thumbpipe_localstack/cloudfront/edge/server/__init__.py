"""The server for viewers, at LocalStack's port and at a loopback port per distribution."""
