"""TIFF: its tags, how its samples are laid out, and reading those layouts that Pillow does not."""
