"""Sizes of renditions, which part of a picture they show, and shrinking to them."""
