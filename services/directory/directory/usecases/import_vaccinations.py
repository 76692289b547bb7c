"""Imports a file of vaccinated people, or of population, by age band. The same file again changes nothing."""

import hashlib
from dataclasses import dataclass

import orjson

from contracts.directory import AgeBandCount, VaccinationReported
from directory.domain.vaccination_file import TERRITORY, HeaderRefusedError, Kind, Parsed, parse
from directory.store import communes, vaccinations
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.csv_rows import csv_rows
from kit.problems import Problem, field_problem
from kit.take_file import Upload
from kit.work import Record, Work

LARGEST, MOST_REFUSALS, _MANY = 900_000, 1000, 1000
"""Bytes of a file (the gateway takes 1 MiB); refused lines that are kept; campaigns of a territory."""


@dataclass(frozen=True)
class FileAsked:
    """What is said of a file: its kind, the campaign (none for population), who made it."""

    kind: Kind
    campaign: str | None
    source: str


async def import_vaccinations(
    work: Work, reference: Reference, caller: Caller, asked: FileAsked, upload: Upload
) -> Record:
    """Keeps the good lines and names each bad one; tells how the campaigns it bears on stand, if it changed anything.

    Raises Problem 409 `level_differs`, 413 `file_too_large`, 422.
    """
    content = await upload.read(LARGEST + 1)
    if work.idempotency is not None:
        work.idempotency.fingerprint = hashlib.sha256(repr(asked).encode() + content).digest()
    if len(content) > LARGEST:
        raise Problem(413, "file_too_large", f"At most {LARGEST} bytes")
    if (asked.kind == "vaccinated") is (asked.campaign is None):
        raise field_problem("campaign", "campaign_missing", "A file of vaccinated people has a campaign, another none")
    parsed = await _parsed(work, reference, content, asked.kind)
    await vaccinations.lock(work)
    await _same_level(work, asked, parsed)
    return await _keep(work, caller, asked, parsed, hashlib.sha256(content).hexdigest())


async def _parsed(work: Work, reference: Reference, content: bytes, kind: Kind) -> Parsed:
    known = {row["insee"] for row in await communes.names(work)}
    try:
        return parse(csv_rows(content), kind, masked=reference.crisis.vaccination.masked, communes=known)
    except HeaderRefusedError as error:
        raise field_problem("file", error.code, error.detail) from None


async def _same_level(work: Work, asked: FileAsked, parsed: Parsed) -> None:
    if asked.campaign is None or not parsed.lines:
        return
    kept = await vaccinations.of_communes(work, asked.campaign)
    if kept is not None and kept is (parsed.lines[0].place == TERRITORY):
        level = "communes" if kept else "the whole territory"
        raise Problem(409, "level_differs", f"This campaign is kept by {level}: the other would count twice")


async def _keep(work: Work, caller: Caller, asked: FileAsked, parsed: Parsed, digest: str) -> Record:
    import_id, by = work.new_id(), caller.subject
    compared = await vaccinations.compare(work, asked.campaign, parsed.lines)
    row = await rows.add(
        work,
        "vaccination_import",
        by,
        id=import_id,
        **vars(asked),
        digest=digest,
        lines=len(parsed.lines) + len(parsed.bad),
        added=compared["added"],
        changed=compared["changed"],
        unchanged=len(parsed.lines) - compared["added"] - compared["changed"],
        masked=sum(line.count is None for line in parsed.lines),
        refused=len(parsed.bad),
        refusals=orjson.dumps([vars(it) for it in parsed.bad[:MOST_REFUSALS]]).decode(),
    )
    await vaccinations.keep(work, asked.campaign, parsed.lines, import_id, by)
    if compared["added"] or compared["changed"]:
        await _tell(work, asked, row)
    return row


async def _tell(work: Work, asked: FileAsked, row: Record) -> None:
    """How each campaign that the file bears on stands now, whole."""
    found = (
        [asked.campaign]
        if asked.campaign
        else [it["campaign"] for it in await vaccinations.campaigns(work, None, _MANY)]
    )
    for campaign in found:
        bands = [
            AgeBandCount(
                **{name: it[name] for name in ("vaccinated", "masked_cells", "population")}, age_band=it["code"]
            )
            for it in await vaccinations.coverage(work, campaign, "age_band")
        ]
        told = VaccinationReported(campaign=campaign, import_id=row["id"], age_bands=tuple(bands))
        work.emit(told, version=await vaccinations.told_version(work, campaign))
