"""CloudFront: its control plane from botocore's model, and the distributions themselves, served."""
