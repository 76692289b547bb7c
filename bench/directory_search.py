"""`python -m bench.directory_search [activities ...]`: searches of the directory at 50 a second, as France grows.

PostgreSQL and the directory's application in this process; persons, activities and entries are made in SQL, with the
communes of France by their population, names of few syllables, six professions. A realistic mix of questions arrives
on time whatever the answers take; what is printed is the time from when each was due until its answer.
"""

import asyncio
import base64
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from directory.main import build
from directory.settings import DirectorySettings
from kit.testing.harness import Issuer, client
from kit.testing.servers import Servers, embedded_servers
from local_stack.checkout import ROOT

SIZES = (10_000, 100_000, 2_300_000)
PER_SECOND, SECONDS = 50, 12
PER_PERSON = 1.2
_SYLLABLES = "ba be bi bo bu da de di do du ga go la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru"
# Person n: a name from its digest, a profession by its number; activity 0 of all, activity 1 of each fifth.
_PERSONS = """
INSERT INTO professional (rpps, family_name, given_name, name, search_name, profession, professions, skills,
                          specialties, listed, digest, version, updated_at)
SELECT (80000000000 + n)::text, upper(f), g, g || ' ' || upper(f), ' ' || f || ' ' || g, p, ARRAY[p],
       CASE p WHEN '10' THEN '{SM54}'::text[] ELSE '{}' END,
       CASE p WHEN '10' THEN '{general-practice}'::text[] ELSE '{}' END, true, '', 1, now()
  FROM (SELECT n, ($3::text[])[1 + h % 35] || ($3::text[])[1 + h / 35 % 35] || ($3::text[])[1 + h / 1225 % 35] AS f,
               ($3::text[])[1 + h / 42875 % 35] || ($3::text[])[1 + n % 11] || 'n' AS g,
               ('{10,60,70,21,40,50}'::text[])[1 + n % 6] AS p
          FROM generate_series($1::int, $2::int) n, LATERAL (SELECT abs(hashint4(n)) AS h) d) x
"""
_ACTIVITIES = """
INSERT INTO activity (rpps, position, profession, mode, sector, commune)
SELECT (80000000000 + n)::text, k, ('{10,60,70,21,40,50}'::text[])[1 + n % 6],
       CASE WHEN n % 3 = 0 THEN 'S' ELSE 'L' END,
       CASE WHEN n % 3 = 0 THEN 'SA01' ELSE 'SA07' END,
       ($3::text[])[1 + abs(hashint4(n * 2 + k)) % cardinality($3::text[])]
  FROM generate_series($1::int, $2::int) n, generate_series(0, CASE WHEN n % 5 = 0 THEN 1 ELSE 0 END) k
"""
_ENTRIES = """
INSERT INTO search_entry (place, facet, search_name, rpps)
SELECT place, facet, p.search_name, p.rpps FROM professional p
 CROSS JOIN LATERAL (SELECT DISTINCT commune FROM activity a WHERE a.rpps = p.rpps UNION ALL SELECT '') x (place)
 CROSS JOIN LATERAL (SELECT '*' UNION ALL SELECT 'p:' || p.profession
                     UNION ALL SELECT 's:' || s FROM unnest(p.specialties) s) f (facet)
 WHERE p.rpps BETWEEN (80000000000 + $1::int)::text AND (80000000000 + $2::int)::text ON CONFLICT DO NOTHING
"""
# A commune of 50,000 inhabitants has fifty times the practices of one of a thousand.
_COMMUNES = "SELECT array_agg(insee) FROM commune, generate_series(0, least(population / 1000, 500)) g"
_WORDS = "INSERT INTO name_word SELECT DISTINCT w FROM professional, unnest(string_to_array(trim(search_name), ' ')) w"
_ATTESTED = """
INSERT INTO statement (territory, about, kind, place, value, codes, source, kinds_version, declared_at, declared_by,
                       version, changed_at, changed_by)
SELECT 'pays-de-redon', rpps, 'languages', '', '["br"]', '{br}', 'coordinator', 'bench', now(), 'bench', 1, now(),
       'bench'
  FROM (SELECT DISTINCT rpps FROM activity WHERE commune = ANY($1) LIMIT 300) p ON CONFLICT DO NOTHING
"""


async def grow(owner: asyncpg.Connection, first: int, last: int) -> None:
    """Persons `first` to `last`, then what follows from them; the big index is made once, after the rows."""
    communes = await owner.fetchval(_COMMUNES)
    await owner.execute("DROP INDEX ix_professional_search_name")
    await owner.execute(_PERSONS, first, last, _SYLLABLES.split())
    await owner.execute(_ACTIVITIES, first, last, communes)
    await owner.execute(_ENTRIES, first, last)
    await owner.execute("CREATE INDEX ix_professional_search_name ON professional USING gin (search_name gin_trgm_ops)")
    await owner.execute(_WORDS + " ON CONFLICT DO NOTHING")
    await owner.execute(_ATTESTED, ["35236", "35268", "44067", "56239"])
    await owner.execute("VACUUM ANALYZE")


def questions(dice: random.Random) -> dict[str, dict[str, Any]]:
    """One of each kind: what a screen asks."""
    syllables = _SYLLABLES.split()
    family = "".join(dice.choices(syllables, k=3))
    commune = dice.choice(["35236", "35238", "44109", "75056", "13055", "56260", "35268"])
    return {
        "commune": {"commune": commune, "profession": "10"},
        "near": {"near": commune, "profession": "60", "max_distance_km": 30},
        "specialty": {"territory": "pays-de-redon", "specialty": "general-practice"},
        "name": {"name": f"{family} {dice.choice(syllables)}"},
        "misspelt": {"name": f"{family[:3]}x{family[3:]}"},
        "attested": {"capability": "languages=br", "profession": "10"},
        "mode": {"near": commune, "mode": "L", "profession": "70"},
        "facets": {"territory": "pays-de-redon"},
    }


async def measure(http: httpx.AsyncClient) -> dict[str, list[float]]:
    """Milliseconds by kind of question: each is asked when it is due."""
    dice, taken = random.Random(1), dict[str, list[float]]()  # noqa: S311 - the same questions each time
    begin = time.perf_counter() + 0.1

    async def ask(number: int) -> None:
        kind, params = dice.choice(list(questions(dice).items()))
        due = begin + number / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        path = "/v1/professionals/facets" if kind == "facets" else "/v1/professionals"
        answer = await http.get(path, params=params | ({} if kind == "facets" else {"limit": 20}))
        asked = kind if answer.status_code == 200 else f"{kind} {answer.status_code}"
        taken.setdefault(asked, []).append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(ask(number) for number in range(PER_SECOND * SECONDS)))
    return taken


def shown(size: int, taken: dict[str, list[float]]) -> str:
    """A line for all, then one a kind: median and p99."""
    every = {"all": [it for values in taken.values() for it in values]} | dict(sorted(taken.items()))
    cut = {kind: (statistics.median(it), sorted(it)[len(it) * 99 // 100]) for kind, it in every.items()}
    return "\n".join(
        f"{size:>9,}  {len(every[kind]):>5} {kind:<12} p50 {p50:7.1f} ms  p99 {p99:7.1f} ms"
        for kind, (p50, p99) in cut.items()
    )


async def run(servers: Servers, folder: Path, sizes: list[int]) -> None:
    issuer = Issuer(folder)
    settings = DirectorySettings(
        database_url=await servers.new_database("directory"),
        nats_url=servers.nats_url("directory"),
        jwks_file=issuer.jwks_file,
        territories_dir=ROOT / "deploy" / "territories",
        reference_dir=ROOT / "deploy" / "reference",
        blob_dir=folder,
        encryption_keys="k1:" + base64.b64encode(b"1" * 32).decode(),
        blind_index_key=base64.b64encode(b"2" * 32).decode(),
    )
    async with client(build(settings), issuer.token("directory:read", role="coordinator")) as http:
        url = servers.admin_url(settings.database_url.get_secret_value())
        owner = await asyncpg.connect(url, command_timeout=3600)
        await owner.execute("SET session_replication_role = replica")
        done = 0
        for size in sizes:
            last, begin = int(size / PER_PERSON), time.perf_counter()
            await grow(owner, done + 1, last)
            done = last
            print(f"{size:>9,}  activities made in {time.perf_counter() - begin:.0f} s", flush=True)
            await measure(http)
            print(shown(size, await measure(http)), flush=True)
        await owner.close()


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_servers(folder / "servers", ROOT / "deploy", admin_url=None, nats_url=None) as servers:
            asyncio.run(run(servers, folder, sizes))


if __name__ == "__main__":
    main([int(it) for it in sys.argv[1:]] or list(SIZES))
