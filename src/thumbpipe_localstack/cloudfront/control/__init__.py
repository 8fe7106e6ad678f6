"""The control plane: one handler for each operation of CloudFront's API that is supported."""
