"""ThumbHash: the blur that a page shows until the thumbnail arrives."""
