"""The patient's appointment sheet (*bulletin de réorientation*): what it says, in French, for any rendering.

Source: mission domain notes 3.3 (the patient receives date, time and place in writing).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from snp_dispatch.domain.catalogue import Mode, Rules

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class BulletinTexts(Rules):
    """Words of a territory, versioned. `validated_by` null: a proposal."""

    version: str = Field(min_length=1)
    validated_by: str | None
    title: str = Field(min_length=1)
    instructions: tuple[str, ...] = Field(min_length=1)
    mode_instructions: dict[Mode, tuple[str, ...]] = Field(default={})
    if_worse: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Appointment:
    """What is known of a visit. `patient` None: the caller may not read who it is, or nobody said."""

    reference: str
    starts_at: datetime
    commune: str
    practitioner: str
    mode: Mode
    mode_label: str
    sender: str
    territory: str
    zone: ZoneInfo
    patient: str | None


@dataclass(frozen=True)
class Bulletin:
    """The sheet, in the order in which it is read."""

    title: str
    territory: str
    reference: str
    facts: tuple[tuple[str, str], ...]
    instructions: tuple[str, ...]
    if_worse: tuple[str, ...]
    footer: str


def bulletin(visit: Appointment, texts: BulletinTexts, issued_at: datetime) -> Bulletin:
    """The sheet of a visit, with its hour on the clock of the place of care and the zone of that clock."""
    where = {"HH": "À votre domicile", "VR": "À distance (vidéo)"}.get(
        visit.mode, f"{visit.practitioner}, {visit.commune}"
    )
    by_mode: Mapping[Mode, tuple[str, ...]] = texts.mode_instructions
    approved = f", validés par {texts.validated_by}" if texts.validated_by else ""
    return Bulletin(
        title=texts.title,
        territory=visit.territory,
        reference=visit.reference,
        facts=(
            ("Patient", visit.patient or "Nom à écrire à la main : ______________________________"),
            ("Date et heure", in_french(visit.starts_at, visit.zone)),
            ("Lieu", where),
            ("Professionnel", visit.practitioner),
            ("Consultation", visit.mode_label),
            ("Adressé par", visit.sender),
            ("Référence", visit.reference),
        ),
        instructions=(*by_mode.get(visit.mode, ()), *texts.instructions),
        if_worse=texts.if_worse,
        footer=f"Établi le {in_french(issued_at, visit.zone)}. Textes {texts.version}{approved}.",
    )


def in_french(instant: datetime, zone: ZoneInfo) -> str:
    """`mardi 24 novembre 2026 à 13 h 05 (fuseau Europe/Paris, UTC+01:00)`."""
    local = instant.astimezone(zone)
    offset = f"{local:%z}"
    day = "1er" if local.day == 1 else str(local.day)
    return (
        f"{_DAYS[local.weekday()]} {day} {_MONTHS[local.month - 1]} {local.year} à {local.hour} h {local.minute:02} "
        f"(fuseau {zone.key}, UTC{offset[:3]}:{offset[3:]})"
    )
