"""`python -m bench.directory_search [folder]`: searches of the directory at 50 a second, as France grows.

The folder (.run/imports) is one that `python -m bench.imports 2300000 <folder> keep` left. Ten thousand lines are
imported beside its database, then both are asked: PostgreSQL and the directory's application in this process, a mix of
what screens ask, each question when it is due whatever the answers take. Printed is the time from then to the answer.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.imports import KEPT, lasting_servers, place, tell, written
from directory.main import build
from directory.settings import MIGRATIONS, DirectorySettings
from kit.embedded.databases import create_database
from kit.server import keep_what_is_loaded
from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers
from local_stack.checkout import DEPLOY, ROOT

SMALL = 10_000
PER_SECOND, SECONDS = 50, 30
SCOPES = ("directory:read", "directory:import")
PEOPLE = "/v1/professionals"
COMMUNES = ("35236", "35238", "44109", "75056", "13055", "56260", "35268", "17193", "44067")
PROFESSIONS = ("10", "60", "70", "21", "40", "50")
_HERE = "SELECT DISTINCT rpps FROM search_entry WHERE place = ANY($1) AND facet = $2 ORDER BY rpps LIMIT 300"
# What a territory says of those who practise in it.
_SAID = f"""
WITH statements AS (
    INSERT INTO statement (territory, about, kind, place, value, codes, source, kinds_version, declared_at, declared_by,
                           version, changed_at, changed_by)
    SELECT 'pays-de-redon', rpps, 'languages', '', '["br"]', '{{br}}', 'coordinator', 'bench', now(), 'bench', 1, now(),
           'bench' FROM ({_HERE}) p ON CONFLICT DO NOTHING),
taking_part AS (
    INSERT INTO participation SELECT 'pays-de-redon', rpps, true, 1, now(), 'bench' FROM ({_HERE}) p
    ON CONFLICT DO NOTHING)
INSERT INTO acceptance (territory, rpps, accepts, patients, valid_until, source, rules_version, declared_at, version,
                        changed_at, changed_by)
SELECT 'pays-de-redon', rpps, true, '{{}}', now() + interval '90 days', 'phone', 'bench', now(), 1, now(), 'bench'
  FROM ({_HERE}) p ON CONFLICT DO NOTHING
"""
_NAMES = "SELECT family_name, given_name FROM professional ORDER BY hashtext(rpps) LIMIT 500"

Question = tuple[str, dict[str, Any]]


def questions(names: list[tuple[str, str]], dice: random.Random) -> dict[str, Callable[[], Question]]:
    """What screens ask, by kind: each call asks something else."""

    def who() -> str:
        family, given = dice.choice(names)
        return f"{given} {family}"

    def capitals_and_accents() -> str:
        family, given = dice.choice(names)
        return f"{family.title().replace('e', 'é')} {given[:3]}"

    def misspelt() -> str:
        family = dice.choice(names)[0].lower()
        at = dice.randrange(2, len(family))
        return family[:at] + dice.choice("hxzy") + family[at:]

    def people(**params: Any) -> Callable[[], Question]:
        return lambda: (PEOPLE, {"limit": 20} | {key: it() if callable(it) else it for key, it in params.items()})

    def counted(**params: Any) -> Callable[[], Question]:
        return lambda: (f"{PEOPLE}/facets", {key: it() if callable(it) else it for key, it in params.items()})

    where, what = lambda: dice.choice(COMMUNES), lambda: dice.choice(PROFESSIONS)
    return {
        "profession, commune": people(commune=where, profession=what),
        "profession, near": people(near=where, profession=what, max_distance_km=30),
        "specialty, near": people(near=where, specialty="cardiology", max_distance_km=50),
        "specialty, territory": people(territory="mine", specialty="general-practice"),
        "name": people(name=who),
        "name, accents": people(name=capitals_and_accents),
        "family name": people(name=lambda: dice.choice(names)[0]),
        "given name": people(name=lambda: dice.choice(names)[1]),
        "letters": people(name=lambda: dice.choice(names)[0][:3]),
        "name, territory": people(name=lambda: dice.choice(names)[1], territory="mine"),
        "misspelt": people(name=misspelt),
        "capability": people(capability="languages=br", profession=what),
        "accepts": people(accepts="true", near="35236"),
        "SNP": people(snp="true", profession=what, territory="mine"),
        "mode, near": people(near=where, mode="L", profession=what),
        "facets, territory": counted(territory="mine"),
        "facets, near": counted(near=lambda: dice.choice(("35236", "35268", "44067")), profession=what),
        "everybody": people(),
    }


async def measure(http: httpx.AsyncClient, names: list[tuple[str, str]], seconds: int) -> dict[str, list[float]]:
    """Milliseconds by kind of question. One page in ten is turned: the second is a kind of its own."""
    dice, taken = random.Random(1), dict[str, list[float]]()  # noqa: S311 - the same questions each time
    asked = list(questions(names, dice).items())
    begin = time.perf_counter() + 0.1

    async def timed(kind: str, due: float, path: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = await http.get(path, params=params)
        kind = kind if answer.status_code == 200 else f"{kind} {answer.status_code}"
        taken.setdefault(kind, []).append((time.perf_counter() - due) * 1000)
        body: dict[str, Any] = answer.json()
        return body

    async def ask(number: int) -> None:
        kind, question = dice.choice(asked)
        path, params = question()
        turned = dice.random() < 0.1
        due = begin + number / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = await timed(kind, due, path, params)
        if turned and body.get("next"):
            await timed("second page", time.perf_counter(), path, params | {"cursor": body["next"]})

    await asyncio.gather(*(ask(number) for number in range(PER_SECOND * seconds)))
    return taken


def shown(taken: dict[str, list[float]]) -> dict[str, tuple[float, ...]]:
    """Of all, then of each kind: how many, p50, p95, p99."""
    every = {"all": [it for values in taken.values() for it in values]} | dict(sorted(taken.items()))
    return {kind: (len(it), statistics.median(it), _part(it, 95), _part(it, 99)) for kind, it in every.items()}


def _part(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]


async def asked(url: str, settings: DirectorySettings, issuer: Issuer) -> dict[str, tuple[float, ...]]:
    """The figures of one directory, after a first round that fills caches."""
    owner = await asyncpg.connect(url, command_timeout=3600)
    territory = ["35236", "35268", "44067", "56239", "56061"]
    said = _SAID.replace("$1", "'{" + ",".join(territory) + "}'").replace("$2", "'*'")
    await owner.execute(said)
    await owner.execute("VACUUM ANALYZE")
    names = [tuple(row) for row in await owner.fetch(_NAMES)]
    size = await owner.fetchval("SELECT count(*) FROM activity")
    await owner.close()
    async with client(build(settings), issuer.token(*SCOPES, role="coordinator")) as http:
        await measure(http, names, 10)
        keep_what_is_loaded()  # as the server does: a full collection of this process takes 200 ms
        print(f"{size:,} activities", flush=True)
        return shown(await measure(http, names, SECONDS))


async def run(servers: Servers, folder: Path) -> None:
    issuer = Issuer(folder)
    [(lines, database)] = json.loads((folder / KEPT).read_text()).items()
    async with place(servers, issuer, folder, written(SMALL, folder)) as small:
        tell("imported", SMALL, await small.run("1"))
        few, url = small.settings, small.admin_url
    little = await asked(url, few, issuer)
    login = await create_database(servers.admin_database_url, "directory", "testonly", database=database)
    place_of = {"migrations": MIGRATIONS, "deploy": DEPLOY, "database_url": login}
    settings = await fresh_settings(DirectorySettings, servers, issuer, folder, **place_of)
    big = await asked(servers.admin_url(login), settings, issuer)
    print(f"{'milliseconds':<22}{'asked':>6}{f'p50, p95, p99 of {SMALL:,} lines':>36}{f'of {int(lines):,} lines':>30}")
    for kind, (count, *figures) in big.items():
        before = little.get(kind, (0, 0.0, 0.0, 0.0))[1:]
        print(f"{kind:<22}{int(count):>6}{_cells(before):>36}{_cells(figures):>30}", flush=True)


def _cells(figures: Any) -> str:
    return "".join(f"{it:>9.1f}" for it in figures)


def main(folder: Path) -> int:
    if not (folder / KEPT).exists():
        print(f"{folder} has no kept database: python -m bench.imports 2300000 {folder} keep")
        return 1
    with lasting_servers(folder) as servers:
        asyncio.run(run(servers, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main((Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".run" / "imports").absolute()))
