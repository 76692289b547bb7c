"""How far a rotation of the master keys is."""

from collections.abc import Iterator
from dataclasses import dataclass

from kit.crypto import Keyring
from kit.work import Work
from pathways.store import master_seals, patient_keys


@dataclass(frozen=True)
class Rotation:
    """The key that encrypts now, how many patients' keys each master key wraps, and how many values it seals itself."""

    current: str
    wraps: dict[str, int]
    seals: dict[str, int]

    @property
    def finished(self) -> bool:
        """Whether no older master key is needed any more."""
        return self.wraps.keys() | self.seals.keys() <= {self.current}

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        for name in sorted(self.wraps.keys() | self.seals.keys()):
            state = "encrypts" if name == self.current else "still needed"
            yield f"{name}: {self.wraps.get(name, 0)} patients' keys, {self.seals.get(name, 0)} other values, {state}"
        yield "finished: other keys may be retired" if self.finished else "not finished: the worker seals what is left"


async def show_keys(work: Work, keyring: Keyring) -> Rotation:
    """Of all territories."""
    return Rotation(keyring.current, await patient_keys.masters_in_use(work), await master_seals.masters_in_use(work))
