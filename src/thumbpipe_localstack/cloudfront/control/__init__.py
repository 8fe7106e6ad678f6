"""The control plane: a handler for each supported operation of CloudFront's API."""
