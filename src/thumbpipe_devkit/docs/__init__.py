"""Documentation: the generated reference, and the check of links."""
