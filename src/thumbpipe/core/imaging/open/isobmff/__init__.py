"""AVIF and HEIC: boxes, items, tracks, and the headers of the AV1 and HEVC streams in them."""
