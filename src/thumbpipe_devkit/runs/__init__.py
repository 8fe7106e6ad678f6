"""A run on this machine: its folders, and the file that tells others of its running stack."""
