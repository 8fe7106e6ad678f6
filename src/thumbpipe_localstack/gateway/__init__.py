"""Where LocalStack listens, and to whom it answers: its sockets, the names in `Host`, requests that nobody can read."""
