"""Verification of signatures: RSA (PKCS #1 v1.5) and ECDSA, with SHA-1 or SHA-256."""

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_HASHES: Final[dict[str, HashAlgorithm]] = {
    "SHA1": SHA1(),  # noqa: S303 - CloudFront's own default, which its signers use
    "SHA256": SHA256(),
}
_PADDING: Final = padding.PKCS1v15()

_Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@lru_cache(maxsize=256)
def _load(pem: str) -> _Key | None:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None


@lru_cache(maxsize=4096)  # browsers repeat their cookies and URLs; a few MB at most
def is_signed(pem: str, message: bytes, signature: bytes, hash_name: str) -> bool:
    """Tell whether a message was signed with the private key of a key pair.

    Args:
        pem: The public key: RSA or elliptic-curve; for any other the result is False.
        message: The signed message.
        signature: PKCS #1 for RSA, DER for elliptic curves.
        hash_name: `SHA1` or `SHA256`.
    """
    key, algorithm = _load(pem), _HASHES.get(hash_name)
    if key is None or algorithm is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, _PADDING, algorithm)
        else:
            key.verify(signature, message, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True
