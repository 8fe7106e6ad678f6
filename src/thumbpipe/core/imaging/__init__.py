"""The image engine, a folder for each step: open, decode, resize, colour, encode. `render` runs them all."""
