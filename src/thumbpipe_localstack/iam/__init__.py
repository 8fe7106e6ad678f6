"""IAM enforcement for LocalStack: requests of roles and users are checked against their policies."""
