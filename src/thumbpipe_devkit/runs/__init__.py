"""A run on this machine: its folders, and the file that describes its running stack."""
