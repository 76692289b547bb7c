"""What a territory attests of effectors: on that territory it counts before what the national entry says."""

from dataclasses import dataclass

from kit.work import Work

_UPSERT = """
INSERT INTO attested (territory, effector_id, gender, languages, tariff_sector, accessibility, version)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (territory, effector_id) DO UPDATE
   SET gender = excluded.gender, languages = excluded.languages, tariff_sector = excluded.tariff_sector,
       accessibility = excluded.accessibility, version = excluded.version
 WHERE attested.version < excluded.version
"""


@dataclass(frozen=True)
class Attested:
    """What is attested of what a patient may ask for; None where the territory says nothing."""

    gender: str | None = None
    languages: tuple[str, ...] | None = None
    tariff_sector: str | None = None
    accessibility: tuple[str, ...] | None = None


def known(territory: str, effector: str | None = None) -> str:
    """SQL: the effectors as a territory knows them, or one of them, to stand after FROM in brackets' place.

    One more look at an index for each effector: the lookup is by both halves of the key. Where `territory` is a column
    of the query around it, say the `effector` too: such a join is worked out for itself, of all effectors otherwise.
    """
    one = f" WHERE e.id = {effector}" if effector else ""
    return (
        "(SELECT e.id, e.kind, e.name, e.profession, e.specialties, e.listed, e.sites,"
        " coalesce(a.gender, e.gender) AS gender, coalesce(a.languages, e.languages) AS languages,"
        " coalesce(a.tariff_sector, e.tariff_sector) AS tariff_sector,"
        " coalesce(a.accessibility, e.accessibility) AS accessibility"
        f" FROM effector e LEFT JOIN attested a ON a.territory = {territory} AND a.effector_id = e.id{one})"
    )


async def apply(work: Work, *, number: str, said: Attested, version: int) -> None:
    """Keeps what the territory of `work` attests of an effector, unless a newer state is known."""
    lists = [None if it is None else list(it) for it in (said.languages, said.accessibility)]
    await work.execute(_UPSERT, work.territory, number, said.gender, lists[0], said.tariff_sector, lists[1], version)
