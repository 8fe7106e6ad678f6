"""What a file is, before decoding: format, size, frames, orientation, colours, and whether it is refused."""
