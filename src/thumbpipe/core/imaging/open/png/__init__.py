"""PNG: its chunks, which of them count, its animations, and what Pillow does not tell of its pixels."""
