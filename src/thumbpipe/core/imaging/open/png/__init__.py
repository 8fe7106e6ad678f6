"""PNG: its chunks, which of them count, its animations, and checks of its pixels that Pillow does not make."""
