"""Synthesis sheets (*fiches de synthèse*): written, published as numbered versions, read, withdrawn; visits counted."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import orjson

from contracts.activities import SheetPublished, SheetVisits, SheetWithdrawn, VisitsCounted
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.versions import check_version
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import prevention
from pathways.usecases.activity_words import Words, check_subject

TABLE, VERSION = "synthesis_sheet", "sheet_version"
WRITE = "activities:write"
_LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class SheetText:
    """What a sheet says, about what."""

    title: str
    topic: str | None
    theme: str | None
    body: str


async def write_sheet(
    work: Work, caller: Caller, words: Words, sheet_id: UUID | None, text: SheetText, *, if_match: str | None = None
) -> Record:
    """A new draft, or the text of a sheet anew; what is published stays as it is. Raises Problem 404, 409, 412, 422."""
    values = vars(text) | {"topic": check_subject(words.activities, text.topic, text.theme)}
    if sheet_id is None:
        return await rows.add(work, TABLE, caller.subject, **values, state="draft", number=0)
    check_version(if_match, (await _find_standing(work, sheet_id))["version"])
    return await rows.change(work, TABLE, sheet_id, caller.subject, **values)


async def publish_sheet(work: Work, caller: Caller, sheet_id: UUID) -> Record:
    """Its text becomes the next version, which is never changed. Raises Problem 404, 409 `sheet_withdrawn`."""
    sheet = await _find_standing(work, sheet_id)
    number = sheet["number"] + 1
    text = {name: sheet[name] for name in ("title", "body")}
    await rows.add(work, VERSION, caller.subject, sheet_id=sheet_id, number=number, **text)
    row = await rows.change(work, TABLE, sheet_id, caller.subject, number=number, state="published")
    told = SheetPublished(sheet_id=sheet_id, number=number, topic=row["topic"], theme=row["theme"])
    work.emit(told, version=row["version"])
    return row


async def withdraw_sheet(work: Work, caller: Caller, sheet_id: UUID) -> Record:
    """It is shown no more. Raises Problem 404, 409 `sheet_withdrawn`."""
    await _find_standing(work, sheet_id)
    row = await rows.change(work, TABLE, sheet_id, caller.subject, state="withdrawn")
    work.emit(SheetWithdrawn(sheet_id=sheet_id), version=row["version"])
    return row


async def read_sheet(work: Work, caller: Caller, sheet_id: UUID, number: int | None) -> Record:
    """A published version, the latest unless named. A visit, unless by who writes them. Raises Problem 404, 410."""
    sheet = await _find(work, sheet_id)
    if sheet["state"] == "withdrawn":
        raise Problem(410, "sheet_withdrawn", "The sheet was withdrawn")
    found = await prevention.sheet_version(work, sheet_id, number or sheet["number"])
    if found is None:
        raise Problem(404, "sheet_unpublished", "No such version is published")
    await _visit(work, caller, str(sheet_id))
    return found


async def list_sheets(
    work: Work, caller: Caller, *, topic: str | None, state: str, after: UUID | None, limit: int
) -> list[Record]:
    """The newest first; `limit` + 1 of them. Its first page is a visit of the space, unless by who writes sheets."""
    wanted = [("topic = ?", topic), ("state = ?", state)]
    if after is None:
        await _visit(work, caller, prevention.SPACE)
    return await rows.listed(work, TABLE, wanted, latest_first=True, after=after, limit=limit + 1)


async def show_visits(work: Work, first: date, last: date) -> tuple[int, dict[str, int]]:
    """Visits of the space and of each sheet between two days, both counted. Raises Problem 422."""
    if not first <= last <= first + _LONGEST:
        raise field_problem("last", "period_refused", "Not before the first day, within a year of it")
    found = {row["subject"]: row["visits"] for row in await prevention.visits(work, first, last)}
    return found.pop(prevention.SPACE, 0), found


async def tell_visits(work: Work, limit: int) -> int:
    """Tells days that are over, of all territories, once each, under the system role. Answers how many."""
    days = await prevention.take_untold(work, local_day(work.now), limit)
    for row in days:
        counts: dict[str, int] = orjson.loads(row["visits"])
        space = counts.pop(prevention.SPACE, 0)
        sheets = tuple(SheetVisits(sheet_id=UUID(subject), visits=counts[subject]) for subject in sorted(counts))
        told = VisitsCounted(count_id=work.new_id(), day=row["day"], space=space, sheets=sheets)
        work.emit(told, version=1, territory=row["territory"])
    return len(days)


async def _visit(work: Work, caller: Caller, subject: str) -> None:
    if WRITE not in caller.scopes:
        await prevention.count_visit(work, local_day(work.now), subject)


async def _find(work: Work, sheet_id: UUID, *, lock: bool = False) -> Record:
    row = await rows.find(work, TABLE, sheet_id, lock=lock)
    if row is None:
        raise Problem(404, "sheet_unknown", "This territory has no such sheet")
    return row


async def _find_standing(work: Work, sheet_id: UUID) -> Record:
    row = await _find(work, sheet_id, lock=True)
    if row["state"] == "withdrawn":
        raise Problem(409, "sheet_withdrawn", "The sheet was withdrawn")
    return row
