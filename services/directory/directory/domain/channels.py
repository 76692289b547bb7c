"""How somebody wants to be told: who may say so, and what an address looks like."""

import re
from typing import Literal, NamedTuple, TypeAlias

from directory.domain.messages import OwnerKind

ChannelKind: TypeAlias = Literal["email", "webhook", "icalendar"]
ChannelState: TypeAlias = Literal["unconfirmed", "active", "paused", "disabled", "ended"]

# One @, a domain with a dot, nothing that could break a header of a mail. RFC 5321 allows more than is in use.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")
LONGEST_EMAIL = 254
_MSSANTE = "mssante.fr"


class Owner(NamedTuple):
    """Whose channel: a professional (RPPS), a structure (FINESS), or a partner's system by its name."""

    kind: OwnerKind
    id: str


def email(address: str) -> str | None:
    """The address as it is kept (domain in lower case), None for what is no e-mail address."""
    address = address.strip()
    if len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def is_secure(address: str) -> bool:
    """Whether it is a mailbox of MSSanté, the closed space of health professionals: no server outside writes to it."""
    domain = address.rpartition("@")[2].strip().lower()
    return domain == _MSSANTE or domain.endswith(f".{_MSSANTE}")


def own(rpps: str | None, organisation: str | None) -> Owner | None:
    """What a caller who is no coordinator may act on; None when that is nothing."""
    if rpps:
        return Owner("rpps", rpps)
    if organisation:
        return Owner("partner", organisation)
    return None
