"""TIFF: its tags, how its samples are laid out, and reading the layouts that Pillow does not read."""
