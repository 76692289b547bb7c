"""Encryption of identity fields, with keys that rotate, and blind indexes for exact search."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.settings import ServiceSettings

_NONCE = 12


class UndecryptableError(Exception):
    """The key is no longer there, or the bytes were altered or moved to another context."""


class Keyring:
    """AES-256-GCM. The first key encrypts; all of them decrypt, so that a key can be retired without a stop.

    A ciphertext is `key id | 0 | nonce | sealed`; `context` (for instance the row's id) is bound to it,
    so that a value moved to another row does not open.
    """

    def __init__(self, keys: Mapping[str, bytes], blind_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()) or len(blind_key) != 32:
            raise ValueError("encryption keys are 32 bytes, base64, at least one")
        self._current = next(iter(keys))
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._blind_key = blind_key

    @classmethod
    def parse(cls, keys: str, blind_key: str) -> "Keyring":
        """From `k2:<base64>,k1:<base64>` and a base64 blind index key. Raises ValueError."""
        pairs = (item.split(":", 1) for item in keys.split(","))
        return cls({name.strip(): base64.b64decode(value) for name, value in pairs}, base64.b64decode(blind_key))

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Keyring":
        """That of a service. Raises ValueError."""
        return cls.parse(settings.encryption_keys.get_secret_value(), settings.blind_index_key.get_secret_value())

    @property
    def current(self) -> str:
        """The name of the key that encrypts."""
        return self._current

    @property
    def mark(self) -> bytes:
        """How everything begins that the current key seals."""
        return self._current.encode() + b"\0"

    def encrypt(self, text: str, context: bytes) -> bytes:
        """Seals a text under the current key."""
        return self.encrypt_bytes(text.encode(), context)

    def decrypt(self, sealed: bytes, context: bytes) -> str:
        """Opens what `encrypt` made. Raises UndecryptableError."""
        return self.decrypt_bytes(sealed, context).decode()

    def encrypt_bytes(self, data: bytes, context: bytes) -> bytes:
        """Seals a file or a key under the current key."""
        nonce = os.urandom(_NONCE)
        return self.mark + nonce + self._keys[self._current].encrypt(nonce, data, context)

    def decrypt_bytes(self, sealed: bytes, context: bytes) -> bytes:
        """Opens what `encrypt_bytes` made. Raises UndecryptableError."""
        name, _, rest = sealed.partition(b"\0")
        key = self._keys.get(name.decode(errors="replace"))
        if key is None:
            raise UndecryptableError("unknown key")
        try:
            return key.decrypt(rest[:_NONCE], rest[_NONCE:], context)
        except InvalidTag:
            raise UndecryptableError("altered or moved") from None

    def new_key(self) -> bytes:
        """A key for one thing alone (an envelope key), to be kept sealed under this ring."""
        return AESGCM.generate_key(bit_length=256)

    def blind_index(self, text: str) -> bytes:
        """A keyed digest: equal texts give equal values, and nothing can be read back without the key."""
        return self.digest(text.encode())

    def digest(self, data: bytes) -> bytes:
        """HMAC-SHA256 under the blind index key: 32 bytes."""
        return hmac.digest(self._blind_key, data, hashlib.sha256)
