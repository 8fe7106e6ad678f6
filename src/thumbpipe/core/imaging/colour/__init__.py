"""Embedded profiles, code points and gamma → sRGB."""
