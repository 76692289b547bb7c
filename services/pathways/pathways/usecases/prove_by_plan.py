"""A published care plan (PPS) proves the steps that hand it over; its withdrawal takes that back."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.replanning import UNDONE, has_its_turn
from pathways.store import care_plans, steps, template_versions
from pathways.usecases.close_step import Proof, complete_step, reopen_step


async def prove_by_plan(work: Work, by: str, enrolment: Record, plan_id: UUID) -> None:
    """Closes the open steps whose document it is. The enrolment is locked by the caller, who may write its plan.

    Not those whose time has not come, or whose turn has not: a plan of today is not the one that is to be made anew
    after the next examination.
    """
    template = await template_versions.of(work, enrolment)
    if template is None or enrolment["started_on"] > local_day(work.now):
        return
    rows = await steps.of_enrolment(work, enrolment["id"], lock=True)
    handing, open_keys = template.proved_by_plan(), {row["key"] for row in rows if row["state"] in UNDONE}
    for row in rows:
        has_turn = has_its_turn(row["opens_at"], row["anchor"], open_keys, work.now)
        if row["code"] in handing and row["key"] in open_keys and has_turn:
            await complete_step(work, by, row["id"], work.now, Proof("document", plan_id))


async def take_back_proof(work: Work, by: str, plan: Record) -> None:
    """What a withdrawn version proved is to be done anew, unless another version stands that proves it as well."""
    rows = await steps.of_enrolment(work, plan["enrolment_id"], lock=True)
    for row in rows:
        if row["state"] == "done" and row["proof_ref"] == str(plan["id"]):
            await _do_anew(work, by, row)


async def _do_anew(work: Work, by: str, row: Record) -> None:
    try:
        await reopen_step(work, by, row["id"])
    except Problem as refused:
        # The patient left, or is on the same pathway anew: there is nothing to take up again.
        if refused.code != "enrolment_closed":
            raise
        return
    other = await care_plans.latest_standing(work, row["enrolment_id"])
    if other is not None and other["published_at"] >= row["opens_at"]:
        await complete_step(work, by, row["id"], other["published_at"], Proof("document", other["id"]))
