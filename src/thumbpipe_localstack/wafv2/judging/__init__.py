"""What becomes of a request under the rules of a web ACL; pure, and compiled once per change of it."""
