"""Files → thumbnails: opened, decoded, shrunk, brought to sRGB, encoded; `render` is the way in."""
