"""Plugins for open-source LocalStack: CloudFront, WAF, IAM enforcement, Lambda without Docker, and fixes."""
