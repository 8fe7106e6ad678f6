"""Key pairs of the kinds that CloudFront takes."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def make_key_pem(kind: str = "ecdsa") -> str:
    """Make a private key, `ecdsa` (P-256) or `rsa` (2048 bits), in PEM."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ecdsa" else rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
