"""What use cases that write to somebody need beside the transaction."""

from dataclasses import dataclass

from directory.settings import DirectorySettings
from directory.usecases.load_reference import Reference
from kit.crypto import Keyring


@dataclass(frozen=True)
class Means:
    """Keys for addresses and contents, texts and rules, settings of the deployment."""

    keyring: Keyring
    reference: Reference
    settings: DirectorySettings
