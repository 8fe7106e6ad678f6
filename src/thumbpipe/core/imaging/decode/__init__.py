"""Stored pixels → pixels in memory, shrunk on the way: nothing of full size is held twice."""
