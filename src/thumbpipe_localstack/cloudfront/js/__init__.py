"""CloudFront Functions: viewer-request and viewer-response functions, run by QuickJS."""
