"""JPEG, PNG, WebP, GIF and TIFF as far as Pillow does not read them, or reads them too late."""
