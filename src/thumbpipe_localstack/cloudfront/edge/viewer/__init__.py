"""The viewer's side of a request: checks, web ACL, and the headers that an answer gets."""
