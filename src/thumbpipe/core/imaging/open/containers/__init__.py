"""WebP, GIF and BMP, as far as Pillow does not read them, or reads them too late."""
