"""Pictures and animations → WebP, JPEG, AVIF and PNG files."""
