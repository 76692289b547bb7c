"""Golden samples of what is told about crises, made by the code that tells it (UPDATE_SAMPLES=1 writes them)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from contracts.directory import (
    CrisisActivationEnded,
    CrisisActivationStarted,
    CrisisCommunicationSent,
    CrisisExerciseHeld,
    CrisisPlanAdopted,
    CrisisPlanWithdrawn,
    VaccinationReported,
    WorkforceCounted,
)
from contracts.envelope import NATIONAL
from contracts.registry import BY_PAYLOAD
from directory.store.rosters import NewRoster
from directory.usecases.count_self_employed import count_self_employed
from directory.usecases.hold_exercise import ExerciseAsked, hold_exercise, plan_exercise
from directory.usecases.import_vaccinations import FileAsked, import_vaccinations
from directory.usecases.keep_crisis_plans import PlanAsked, adopt_plan, draft_plan, withdraw_plan
from directory.usecases.keep_diffusion_lists import Named, add_recipient, open_list
from directory.usecases.means import Means
from directory.usecases.run_crisis import end_activation, start_activation
from directory.usecases.send_communication import Said, send_communication
from kit import rows
from kit.auth import Caller
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.samples import check_sample

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DOCTOR, NURSE, HERE = "99000000093", "99000002388", "pays-de-redon"
FIXED = "019ab000-0000-7000-8000-00000000000"
PAYLOADS = (
    *(CrisisPlanAdopted, CrisisPlanWithdrawn, CrisisActivationStarted, CrisisActivationEnded),
    *(CrisisExerciseHeld, CrisisCommunicationSent, VaccinationReported, WorkforceCounted),
)


@dataclass
class File:
    """A file on its way in."""

    content: BytesIO

    async def read(self, size: int, /) -> bytes:
        return self.content.read(size)


async def _crisis(directory: Any, clock: FixedClock) -> list[str]:
    """A plan from its adoption to its end, with an exercise and a communication; answers the ids."""
    reference, caller = directory.runtime.extras["reference"], Caller("c", HERE, frozenset(), role="coordinator")
    means = Means(directory.runtime.keyring, reference, directory.runtime.settings)
    asked = PlanAsked("amavi", "Afflux", "Référent", [{"action": "Prévenir", "role": "Coordinatrice"}])
    async with directory.runtime.db.work(HERE, caller=caller) as work:
        plan = (await draft_plan(work, reference, caller, asked))["id"]
        await adopt_plan(work, reference, caller, plan, None)
        exercise = await plan_exercise(work, reference, caller, ExerciseAsked("tabletop", "Table", AT.date(), plan))
        there = {"professionals": [DOCTOR, NURSE], "structures": ["990010001"]}
        await hold_exercise(work, caller, exercise["id"], held_on=AT.date(), **there)
        crisis = (await start_activation(work, caller, plan, "Accident de car"))["id"]
        listed = (await open_list(work, caller, "Professionnels"))["id"]
        await add_recipient(work, means.keyring, caller, listed, Named("professional", "Quelqu'un", "rpps", DOCTOR))
        said = Said("Consignes", "Texte", [listed], False, None, crisis)
        sent = (await send_communication(work, means, caller, said))["id"]
    clock.advance(timedelta(hours=6))
    async with directory.runtime.db.work(HERE, caller=caller) as work:
        await end_activation(work, caller, crisis, "Retour à la normale")
        await withdraw_plan(work, reference, caller, plan, "Remplacé")
    return [str(it) for it in (plan, exercise["id"], crisis, sent)]


async def _vaccination(directory: Any) -> list[str]:
    reference, caller = directory.runtime.extras["reference"], Caller("c", HERE, frozenset(), role="coordinator")
    counts = File(BytesIO(b"week;age_band;vaccinated\n2026-W47;75+;4210\n2026-W47;65-74;NS\n"))
    people = File(BytesIO(b"age_band;population\n75+;9000\n65-74;8200\n"))
    async with directory.runtime.db.work(HERE, caller=caller) as work:
        await import_vaccinations(work, reference, caller, FileAsked("population", None, "INSEE"), people)
        asked = FileAsked("vaccinated", "covid-2021", "Assurance maladie")
        done = await import_vaccinations(work, reference, caller, asked, counts)
    return [str(done["id"])]


async def test_what_is_told_about_crises_has_its_sample(
    new_settings: Any, templates: Any, issuer: Any, start: Any
) -> None:
    clock = FixedClock(AT)
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        current_trace.set(None)
        ids = [*await _crisis(directory, clock), *await _vaccination(directory)]
        async with directory.runtime.db.work(HERE) as work:
            new = NewRoster("Centre", "vaccination", "35236", None, AT.date(), AT.date())
            await rows.add(work, "roster", "c", **new._asdict())
        async with directory.runtime.system.work(NATIONAL) as work:
            await count_self_employed(work, directory.runtime.extras["reference"])
        async with directory.runtime.system.work(NATIONAL) as work:
            text = [row["body"] for row in await work.fetch("SELECT body FROM outbox ORDER BY seq DESC")]
    ids += [read["subject"] for read in map(json.loads, text) if read["type"].endswith("workforce.counted.v1")]
    events = {}
    for body in text:
        for number, drawn in enumerate(ids, start=4):
            body = body.replace(drawn, f"{FIXED}{number}")  # noqa: PLW2901 - ids are drawn at random
        read = json.loads(body)
        events[read["type"]] = read | {"id": FIXED + "2", "correlationid": FIXED + "3"}
    for payload in PAYLOADS:
        event = BY_PAYLOAD[payload]
        check_sample(events[event.name])
        read = event.envelope.model_validate(events[event.name])
        assert read.data.model_dump(mode="json") == events[event.name]["data"]
