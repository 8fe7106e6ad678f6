"""Stored pixels → pixels in memory, shrunk on the way: no picture of full size is held twice."""
