"""Secrets at rest: sealed by a key that lies elsewhere. `cryptography` is loaded when the first secret is sealed or opened."""

from stores.secrets.keyring import Keyring
from stores.secrets.places import private_text

__all__ = ["Keyring", "private_text"]
