"""The core's ports and values in AWS's terms: S3, DynamoDB, SQS events, API Gateway, CloudFront, settings."""
