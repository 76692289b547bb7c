"""Give up the files of exports whose time is over. A job of the worker; the runs stay, with their checksums."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import get_args

from indicators.domain.export_retention import ExportRetention
from indicators.domain.exports import What
from indicators.domain.zones import PARIS
from indicators.store import blob_removals, export_runs
from indicators.usecases.remove_blobs import GRACE
from kit.territories import load_territories, load_yaml
from kit.work import Work

FILE = "export-retention.yaml"


def load_retention(common: Path, territories: Path, slugs: Iterable[str]) -> dict[str, ExportRetention]:
    """By territory: its own rules, else the common ones. Raises BadFileError."""
    usual = load_yaml(common / FILE, ExportRetention)
    return dict.fromkeys(slugs, usual) | load_territories(territories, FILE, ExportRetention)


async def purge_exports(work: Work, rules: Mapping[str, ExportRetention], limit: int) -> int:
    """One batch, of all territories. Answers how many runs gave up their files; one that is under way never does."""
    cutoffs = _cutoffs(rules, work.now)
    purged = await export_runs.purge(work, cutoffs, limit) if cutoffs else []
    files = await export_runs.files_of(work, [run["id"] for run in purged])
    await blob_removals.ask(work, [(file["blob"], file["territory"]) for file in files], work.now + GRACE)
    return len(purged)


def _cutoffs(rules: Mapping[str, ExportRetention], now: datetime) -> list[tuple[str, str, datetime]]:
    local = now.astimezone(PARIS)
    found = ((slug, what, it.cutoff(what, local)) for slug, it in rules.items() for what in get_args(What))
    return [(slug, what, before) for slug, what, before in found if before is not None]
