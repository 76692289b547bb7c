"""How far a rotation of the master keys is."""

from collections.abc import Iterator
from dataclasses import dataclass

from kit.crypto import Keyring
from kit.work import Work
from pathways.store import patient_keys


@dataclass(frozen=True)
class Rotation:
    """The key that encrypts now, and how many patients' keys each master key wraps."""

    current: str
    wraps: dict[str, int]

    @property
    def finished(self) -> bool:
        """Whether no older master key is needed any more."""
        return set(self.wraps) <= {self.current}

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        for name, number in self.wraps.items():
            state = "encrypts" if name == self.current else "still needed"
            yield f"{name}: {number} patients' keys, {state}"
        yield "finished: other keys may be retired" if self.finished else "not finished: the worker wraps what is left"


async def show_keys(work: Work, keyring: Keyring) -> Rotation:
    """Of all territories."""
    return Rotation(keyring.current, await patient_keys.masters_in_use(work))
