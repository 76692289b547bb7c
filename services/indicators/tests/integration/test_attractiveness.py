"""Figures of trainees, of those who settle and of who is trained in ETP move with what the directory tells."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from telling import GP, NURSE, OTHER_GP, Stage, event_of

from contracts.directory import InstallationAdvanced, Stated, StatementsChanged, TraineeHosted

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


def hosted(trainee: UUID, version: int = 1, **values: Any) -> Any:
    told = {"hosts": (GP,), "profession": "10", "level": "third_cycle", "starts_on": date(2026, 11, 2)} | values
    told = {"ends_on": date(2027, 5, 1), "cancelled": False} | told
    return event_of(TraineeHosted(trainee_id=trainee, **told), version, time=AT)


def attested(about: str, version: int = 1, *codes: str, at: datetime = AT, **values: Any) -> Any:
    until = values.pop("until", None)
    stated = tuple(Stated(kind=code, codes=("diabetes",), source="coordinator", valid_until=until) for code in codes)
    return event_of(StatementsChanged(about=about, statements=stated, **values), version, time=at)


def advanced(installation: UUID, version: int, stage: str, **values: Any) -> Any:
    told = {"profession": "10", "specialty": None, "commune": None, "opened_on": None} | values
    return event_of(InstallationAdvanced(installation_id=installation, stage=stage, **told), version, time=AT)


async def test_trainees_and_their_hosts_are_counted_once(stage: Stage) -> None:
    one, two, gone, nobody = (uuid4() for _ in range(4))
    await stage.handle(
        hosted(one, hosts=(GP, OTHER_GP)),
        hosted(two, profession="60", level="nursing_school", hosts=(NURSE,)),
        hosted(two, 2, profession="60", level="nursing_school", hosts=(GP,)),
        hosted(gone, 2, cancelled=True, hosts=(NURSE,)),
        hosted(gone),
        hosted(nobody, hosts=()),
        hosted(uuid4(), starts_on=date(2027, 1, 1)),
    )
    trainees = await stage.figure("I-50", "2026")
    assert trainees.value == 3
    assert trainees.tally.breakdown == {
        "profession": {"10": 2, "60": 1},
        "level": {"third_cycle": 2, "nursing_school": 1},
    }
    assert await stage.value("I-52", "2026") == 2
    assert (await stage.value("I-50", "2027"), await stage.value("I-52", "2027")) == (1, 1)


async def test_who_settled_is_counted_when_the_practice_opened(stage: Stage) -> None:
    here, far, waiting, back = (uuid4() for _ in range(4))
    await stage.handle(
        advanced(here, 2, "opened", commune="35236", opened_on=date(2026, 11, 2)),
        advanced(here, 1, "project"),
        advanced(far, 1, "opened", commune="97411", opened_on=date(2026, 11, 3), profession="60"),
        advanced(waiting, 1, "paperwork"),
        advanced(back, 1, "opened", commune="35236", opened_on=date(2025, 12, 31)),
    )
    settled = await stage.figure("I-56", "2026")
    assert settled.value == 2
    assert settled.tally.breakdown == {
        "profession": {"10": 1, "60": 1},
        "commune": {"35236": 1, "97411": 1},
        "department": {"35": 1, "974": 1},
    }
    assert await stage.value("I-56", "2025") == 1


async def test_who_is_trained_in_etp_is_known_from_what_was_told_last(stage: Stage) -> None:
    later = AT + timedelta(days=90)
    await stage.handle(
        attested(GP, 1, "etp_trained", profession="10"),
        attested(GP, 2, "home_visits", "etp_trained", profession="10"),
        attested(NURSE, 1, "etp_trained"),
        attested(OTHER_GP, 2, "home_visits", profession="10"),
        attested(OTHER_GP, 1, "etp_trained", profession="10"),
        attested("99000000040", 1, "etp_trained", until=AT + timedelta(days=3)),
        attested(NURSE, 2, at=later),
        attested("99000000057", 1, "etp_trained", at=later, profession="60"),
    )
    trained = await stage.figure("I-28", "2026-H2")
    assert trained.value == 2
    assert trained.tally.breakdown == {"profession": {"10": 1, "unknown": 1}}
    assert (await stage.figure("I-28", "2027-H1")).tally.breakdown == {"profession": {"10": 1, "60": 1}}
    assert await stage.value("I-28", "2026-H1") == 0
