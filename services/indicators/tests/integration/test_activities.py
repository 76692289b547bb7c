"""Figures of group activities, surveys, sheets, visits and experts move with what pathways tells."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from telling import GP, NURSE, Stage, event_of

from contracts.activities import (
    AudienceCount,
    ExpertEnded,
    ExpertIdentified,
    SessionAttendee,
    SessionHeld,
    SheetPublished,
    SheetVisits,
    SurveyAnswered,
    VisitsCounted,
)
from contracts.coordination import AdviceAnswered, StayCancelled, StayRecorded
from contracts.directory import WorkforceCounted
from contracts.pathways import EnrolmentStarted, StepDone
from indicators.domain.periods import parse_period
from indicators.store import evidence

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
People = tuple[tuple[str | None, str], ...]


def held(
    session: UUID,
    version: int = 1,
    *,
    people: tuple[tuple[str | None, str], ...] = (),
    students: int = 0,
    **values: Any,
) -> Any:
    about = {"kind": "epu", "topic": "oncology", "theme": None, "starts_at": AT} | values
    payload = SessionHeld(
        session_id=session,
        professionals=tuple(SessionAttendee(rpps=rpps, profession=code, speaker=False) for rpps, code in people),
        others=(AudienceCount(audience="student", people=students),) if students else (),
        codes_version="1",
        **about,
    )
    return event_of(payload, version, time=AT)


def answered(score: int | None, **values: Any) -> Any:
    about = {"respondent": "patient", "subject": "pathway", "topic": "oncology", "session_kind": None} | values
    purpose = about.pop("purpose", "satisfaction")
    ids = {"answer_id": uuid4(), "survey_id": uuid4()}
    return event_of(SurveyAnswered(**ids, questionnaire="short", purpose=purpose, score=score, **about), 1, time=AT)


async def test_sessions_and_who_came_by_profession_as_last_told(stage: Stage) -> None:
    one, two = uuid4(), uuid4()
    await stage.handle(
        held(one, people=((GP, "10"), (None, "60"))),
        held(one, 2, people=((GP, "10"), (None, "60"), (NURSE, "60"))),
        held(two, people=((GP, "10"),)),
        held(uuid4(), kind="exchange", theme="diabetes-screening"),
        held(uuid4(), starts_at=datetime(2025, 3, 1, tzinfo=UTC)),
    )
    assert await stage.value("I-14", "2026") == 2
    figure = await stage.figure("I-15", "2026")
    assert (figure.value, figure.tally.breakdown) == (4, {"profession": {"10": 2, "60": 2}})
    assert (await stage.figure("I-40", "2026-H2")).tally.breakdown == {"theme": {"diabetes-screening": 1}}


async def test_everybody_at_a_meeting_with_students_counts_and_only_the_self_employed_for_crises(stage: Stage) -> None:
    counted = WorkforceCounted(count_id=uuid4(), day=AT.date(), self_employed=(GP,))
    await stage.handle(
        event_of(counted, 1, time=AT),
        held(uuid4(), kind="student-meeting", people=((GP, "10"),), students=30),
        held(uuid4(), kind="crisis", people=((GP, "10"), (NURSE, "60"), (None, "60"))),
    )
    figure = await stage.figure("I-54", "2026")
    assert (figure.value, figure.tally.breakdown) == (31, {"audience": {"professional": 1, "student": 30}})
    assert (await stage.figure("I-61", "2026")).tally.breakdown == {"profession": {"10": 1}}


async def test_a_score_is_the_mean_of_the_answers_it_is_about(stage: Stage) -> None:
    await stage.handle(
        *(answered(80), answered(65, respondent="carer"), answered(None)),
        *(answered(10, respondent="professional"), answered(20, topic="diabetes")),
        answered(90, subject="session", session_kind="epu", respondent="professional"),
        answered(None, purpose="needs", topic="addiction", respondent="professional"),
    )
    figure = await stage.figure("I-12", "2026")
    assert (figure.value, figure.tally.numerator, figure.tally.denominator) == (72.5, 145, 2)
    assert [await stage.value(it, "2026") for it in ("I-13", "I-16")] == [10, 90]
    assert [await stage.value(it, "2026-H2") for it in ("I-30", "I-38")] == [20, 1]
    nobody = await stage.figure("I-51", "2026")
    assert (nobody.status, nobody.reason, nobody.value) == ("undefined", "denominator_zero", None)


async def test_enrolments_and_assessments_that_were_done(stage: Stage) -> None:
    """A patient who comes back to a pathway is counted once; steps may be heard of before their enrolment."""
    patient, twice = uuid4(), (uuid4(), uuid4())
    for enrolment, step in zip((*twice, twice[0]), ("educational-assessment",) * 2 + ("workshop",), strict=True):
        payload = StepDone(step_id=uuid4(), enrolment_id=enrolment, template="alcohol", step=step, done_at=AT)
        await stage.handle(event_of(payload, 2, time=AT))
    assert await stage.value("I-39", "2026-H2") == 2
    for enrolment in twice:
        await stage.handle(enrolled("alcohol", patient, enrolment))
    for template in ("lung-cancer", "lung-cancer", "type-2-diabetes"):
        await stage.handle(enrolled(template, patient))
    await stage.handle(enrolled("lung-cancer", uuid4()), enrolled("lung-cancer", None))
    assert await stage.value("I-11", "2026") == 3
    assert [await stage.value(it, "2026-H2") for it in ("I-29", "I-35", "I-39")] == [1, 1, 1]


def enrolled(template: str, patient: UUID | None, enrolment: UUID | None = None) -> Any:
    payload = EnrolmentStarted(
        enrolment_id=enrolment or uuid4(),
        template=template,
        template_version="1",
        age_band="60-69",
        commune=None,
        department="35",
        started_on=AT.date(),
        patient=patient,
    )
    return event_of(payload, 1, time=AT)


async def test_sheets_count_once_visits_by_place_and_experts_while_they_agree(stage: Stage) -> None:
    sheet, gone, stays = uuid4(), uuid4(), uuid4()
    about = {"role": "expert", "topic": "diabetes"}
    visits = (SheetVisits(sheet_id=sheet, visits=4),)
    await stage.handle(
        event_of(SheetPublished(sheet_id=sheet, number=1, topic="diabetes", theme=None), 2, time=AT),
        event_of(SheetPublished(sheet_id=sheet, number=2, topic="diabetes", theme=None), 3, time=AT),
        event_of(VisitsCounted(count_id=uuid4(), day=date(2026, 12, 31), space=3, sheets=visits), 1, time=AT),
        event_of(VisitsCounted(count_id=uuid4(), day=date(2027, 1, 1), space=9, sheets=()), 1, time=AT),
        event_of(ExpertIdentified(expert_id=gone, **about), 1, time=AT),
        event_of(ExpertEnded(expert_id=gone, **about), 2, time=AT),
        event_of(ExpertIdentified(expert_id=stays, **about), 1, time=AT),
    )
    assert await stage.value("I-43", "2026-H2") == 1
    figure = await stage.figure("I-44", "2026-H2")
    assert (figure.value, figure.tally.breakdown) == (7, {"place": {"space": 3, str(sheet): 4}})
    assert (await stage.figure("I-34", "2026-H2")).tally.breakdown == {"role": {"expert": 1}, "topic": {"diabetes": 1}}


def stay(stay_id: UUID, version: int = 1, **values: Any) -> Any:
    about = {"kind": "stay", "motive": "heart-failure", "entry": "ed", "readmission": False, "arrived_on": AT.date()}
    return event_of(StayRecorded(stay_id=stay_id, **about | values), version, time=AT)


async def test_emergency_visits_and_stays_for_heart_failure_as_told_last(stage: Stage) -> None:
    corrected, cancelled, back = uuid4(), uuid4(), uuid4()
    gone = StayCancelled(stay_id=cancelled, kind="stay")
    await stage.handle(
        stay(uuid4(), kind="ed_visit", entry=None),
        stay(uuid4(), kind="ed_visit", entry=None, motive="other"),
        stay(uuid4(), kind="ed_visit", entry=None, arrived_on=date(2026, 9, 30)),
        stay(corrected, 2, entry="direct", readmission=True),
        stay(corrected),
        stay(uuid4(), readmission=None),
        stay(uuid4(), motive="cancer"),
        event_of(gone, 2, time=AT),
        stay(cancelled),
        stay(back, 3),
        event_of(StayCancelled(stay_id=back, kind="stay"), 2, time=AT),
    )
    assert [await stage.value("I-20", it) for it in ("2026-Q4", "2026-Q3", "2026")] == [1, 1, 2]
    figure = await stage.figure("I-21", "2026-Q4")
    parts = {"entry": {"direct": 1, "ed": 2}, "readmission": {"again": 1, "first": 1, "unknown": 1}}
    assert (figure.value, figure.tally.breakdown) == (3, parts)


async def test_answers_of_the_cardiologist_count_by_kind(stage: Stage) -> None:
    for kind, specialty, minutes, in_time in (
        ("advice", "cardiology", 60, True),
        ("teleexpertise", "cardiology", 5000, False),
        ("teleexpertise", "geriatrics", 10, True),
    ):
        about = {"kind": kind, "specialty": specialty, "minutes": minutes, "in_time": in_time}
        payload = AdviceAnswered(advice_id=uuid4(), turn=0, answered_at=AT, **about)
        await stage.handle(event_of(payload, 2, time=AT))
    figure = await stage.figure("I-22", "2026-Q4")
    assert (figure.value, figure.tally.breakdown) == (2, {"kind": {"advice": 1, "teleexpertise": 1}})


async def test_every_counted_thing_has_its_proof(stage: Stage) -> None:
    events = [
        held(uuid4(), people=((GP, "10"),)),
        answered(80),
        event_of(SheetPublished(sheet_id=uuid4(), number=1, topic=None, theme=None), 2, time=AT),
        event_of(VisitsCounted(count_id=uuid4(), day=AT.date(), space=3, sheets=()), 1, time=AT),
        event_of(ExpertIdentified(expert_id=uuid4(), role="expert", topic=None), 1, time=AT),
        stay(uuid4()),
    ]
    await stage.handle(*events)
    proofs = set()
    async with stage.db.work("pays-de-redon") as work:
        for name in ("I-12", "I-14", "I-15", "I-21", "I-34", "I-43", "I-44"):
            indicator = stage.catalogue.find(name)
            for part in (indicator.numerator, indicator.denominator):
                if part is not None:
                    period = parse_period("2026", stage.catalogue.zone)
                    for unit in await evidence.units(work, part, period, None, 9):
                        proofs |= {proof.event_id for proof in unit.newest}
    assert proofs == {event.id for event in events}
