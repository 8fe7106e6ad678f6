"""The data plane: serves distributions from its cache and from their origins."""
