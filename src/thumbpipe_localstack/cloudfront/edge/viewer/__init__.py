"""The viewer's side of a request: validation, web ACL, access rules, and response headers."""
