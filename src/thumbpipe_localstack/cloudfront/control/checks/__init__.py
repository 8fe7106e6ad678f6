"""What CloudFront refuses in a distribution's configuration."""
