"""pgbench running the whole transaction of a hold, with the statements of the service: what the database can do."""

import asyncio
import re
from pathlib import Path

from bench.names import CALL_PREFIX, SLOT_PREFIX
from kit import idempotency, outbox
from kit.embedded.postgres import binaries
from snp_dispatch.store import holds

_VALUES = """WITH v AS MATERIALIZED (
    SELECT md5('{call}' || :n::text)::uuid AS call, md5('{slot}' || :n::text)::uuid AS slot,
           md5('bench-hold-' || :n::text)::uuid AS hold, clock_timestamp() AS at
),
"""


def script(body: str, answer: str) -> str:
    """The transaction as a pgbench script; `body` is the event's and `answer` the kept answer's text."""
    key = "'pays-de-redon', 'bench', 'POST /v1/calls/{call_id}/holds', 'bench-' || :n::text"
    place = {
        1: "(SELECT call FROM v)",
        2: "(SELECT slot FROM v)",
        3: "(SELECT hold FROM v)",
        4: "(SELECT at FROM v)",
        5: "(SELECT at + interval '5 min' FROM v)",
        6: "sha256(:n::text::bytea)",
        7: "'pays-de-redon'",
        8: "(SELECT at + interval '4 min' FROM v)",
    }
    told = {
        1: "ARRAY[gen_random_uuid()]",
        2: "ARRAY['pays-de-redon']",
        3: "ARRAY['fr.cpts.snp-dispatch.hold.placed.v1']",
        4: "ARRAY['cpts.pays-de-redon.snp-dispatch.hold.placed']",
        5: f"ARRAY[{_quoted(body)}]",
        6: "ARRAY[clock_timestamp()]",
    }
    statements = [
        "BEGIN",
        "SET LOCAL app.territory = 'pays-de-redon'",
        "SET LOCAL plan_cache_mode = force_generic_plan",
        idempotency.take(f"{key}, sha256(:n::text::bytea), clock_timestamp()"),
        _filled(_place_with_values(), place),
        _filled(outbox.INSERT, told),
        _answered(answer),
        "COMMIT",
    ]
    head = "\\set i :i + 1\n\\set n :first + :client_id * :each + :i\n"
    return head + "".join(f"{_one_line(statement)};\n" for statement in statements)


def _place_with_values() -> str:
    values = _VALUES.format(call=CALL_PREFIX, slot=SLOT_PREFIX)
    return holds.PLACE.strip().replace("WITH ", values, 1)


def _answered(answer: str) -> str:
    found = {
        1: "'pays-de-redon'",
        2: "'bench'",
        3: "'POST /v1/calls/{call_id}/holds'",
        4: "'bench-' || :n::text",
        5: "201",
        6: f"convert_to({_quoted(answer)}, 'UTF8')",
    }
    return _filled(idempotency.ANSWER, found)


def _filled(sql: str, values: dict[int, str]) -> str:
    return re.sub(r"\$(\d+)", lambda match: values[int(match.group(1))], sql)


def _quoted(text: str) -> str:
    # A colon before a letter would be a variable of pgbench.
    return "'" + text.replace("'", "''").replace(":", "' || chr(58) || '") + "'"


def _one_line(sql: str) -> str:
    return " ".join(line.split("--")[0].strip() for line in sql.strip().splitlines())


async def transactions_per_second(
    url: str, file: Path, *, clients: int, each: int, first: int, threads: int = 2
) -> tuple[float, float]:
    """Runs the script on numbers from `first` on; answers transactions per second and mean milliseconds.

    Raises RuntimeError with what pgbench said when a transaction failed.
    """
    process = await asyncio.create_subprocess_exec(
        str(binaries() / "pgbench"),
        *("-n", "-M", "prepared"),
        *("-c", str(clients), "-j", str(threads), "-t", str(each), "-f", str(file)),
        *("-D", "i=0", "-D", f"first={first}", "-D", f"each={each}"),
        url,
        env={"PGOPTIONS": "-c role=snp_dispatch_app"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    rate, mean = re.search(r"tps = ([\d.]+)", told), re.search(r"latency average = ([\d.]+)", told)
    if process.returncode or not rate or not mean:
        raise RuntimeError(told[-2000:])
    return float(rate.group(1)), float(mean.group(1))
