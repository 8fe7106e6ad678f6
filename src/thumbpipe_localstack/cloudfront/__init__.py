"""CloudFront: its API (the control plane), and the edge that serves distributions (the data plane)."""
