"""What a file is, before anything is decoded: format, size, frames, orientation, colours, and whether it is refused."""
