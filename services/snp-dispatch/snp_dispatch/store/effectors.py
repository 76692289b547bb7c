"""The copy of the directory: who may serve slots, and who takes part where. Newer versions only."""

from dataclasses import dataclass

from kit.work import Record, Work
from snp_dispatch.store.participation import takes_part

_UPSERT = """
INSERT INTO effector (id, kind, name, profession, specialties, listed, version, gender, languages, tariff_sector,
                      accessibility, sites)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE
   SET name = excluded.name, profession = excluded.profession, specialties = excluded.specialties,
       listed = excluded.listed, version = excluded.version, gender = excluded.gender,
       languages = excluded.languages, tariff_sector = excluded.tariff_sector, accessibility = excluded.accessibility,
       sites = excluded.sites
 WHERE effector.version < excluded.version
"""
_PARTICIPATION = """
INSERT INTO participation (territory, rpps, participates, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (territory, rpps) DO UPDATE SET participates = excluded.participates, version = excluded.version
 WHERE participation.version < excluded.version
"""
_FIND = f"""
SELECT e.id, e.kind, e.name, e.listed,
       {takes_part("$2")} AS participates
  FROM effector e WHERE e.id = $1
"""


@dataclass(frozen=True)
class Traits:
    """What a patient may ask of who serves, as the directory told it. Empty is unknown."""

    gender: str | None = None
    languages: tuple[str, ...] = ()
    tariff_sector: str | None = None
    accessibility: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    """Places of practice that have a FINESS number: who shares one is of the same practice."""


async def apply(
    work: Work,
    *,
    number: str,
    kind: str,
    name: str,
    profession: str | None,
    specialties: tuple[str, ...],
    listed: bool,
    version: int,
    traits: Traits | None = None,
) -> None:
    """Keeps the state of a professional or structure, unless a newer one is known. `number` is RPPS or FINESS."""
    it = traits or Traits()
    known = (it.gender, list(it.languages), it.tariff_sector, list(it.accessibility), list(it.sites))
    await work.execute(_UPSERT, number, kind, name, profession, list(specialties), listed, version, *known)


async def apply_participation(work: Work, *, rpps: str, participates: bool, version: int) -> None:
    """Keeps whether a professional takes part on the territory of `work`, unless a newer state is known."""
    await work.execute(_PARTICIPATION, work.territory, rpps, participates, version)


async def find(work: Work, number: str) -> Record | None:
    """`id, kind, name, listed, participates` of an effector, or None when the directory never told of it."""
    return await work.fetchrow(_FIND, number, work.territory)
