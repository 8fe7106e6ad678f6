"""AWS's own rule groups: the part of them that is served."""
