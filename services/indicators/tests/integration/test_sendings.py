"""Who received the common directory of resources (*répertoire commun des ressources*): I-19."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from telling import NOW, TERRITORY, Stage, event_of

from contracts.directory import ListSent
from indicators.domain.periods import parse_period
from indicators.store import evidence

ANNE, BRUNO, CLIC = (UUID(int=number) for number in (1, 2, 3))


def sent(*recipients: UUID, name: str = "shared-resources", at: datetime = NOW, territory: str = TERRITORY) -> Any:
    payload = ListSent(
        sending_id=uuid4(),
        publication_id=uuid4(),
        list=name,
        number=1,
        recipient_count=len(recipients),
        recipients=recipients,
    )
    return event_of(payload, 1, time=at, territory=territory)


async def test_recipients_count_once_whatever_they_received(stage: Stage) -> None:
    assert await stage.value("I-19", "2026") == 0
    again = sent(CLIC, name="shared-resources-oncology", at=NOW + timedelta(days=1))
    await stage.handle(sent(ANNE, BRUNO), sent(BRUNO), again, again, sent(UUID(int=4), name="accepting-doctors"))
    figure = await stage.figure("I-19", "2026")
    assert (figure.value, figure.as_of) == (3, NOW + timedelta(days=1))
    assert figure.gaps == ("period_open",)


async def test_of_the_year_in_which_it_was_sent_in_paris_and_of_the_territory(stage: Stage) -> None:
    await stage.handle(
        sent(ANNE, at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC)),
        sent(BRUNO, at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
        sent(CLIC, territory="haute-saintonge"),
    )
    assert [await stage.value("I-19", year) for year in ("2025", "2026")] == [1, 1]
    assert await stage.value("I-19", "2026", "haute-saintonge") == 1
    assert await stage.value("I-19", "2026", "marches-de-bretagne") == 0


async def test_each_recipient_is_proved_by_what_was_sent_to_them(stage: Stage) -> None:
    first, second = sent(ANNE, BRUNO), sent(BRUNO)
    await stage.handle(first, second)
    count = stage.catalogue.find("I-19").numerator
    async with stage.db.work("pays-de-redon") as work:
        found = await evidence.units(work, count, parse_period("2026", stage.catalogue.zone), None, 10)
    assert [(it.unit, it.facts) for it in found] == [(str(ANNE), 1), (str(BRUNO), 2)]
    assert {proof.event_id for proof in found[1].newest} == {first.id, second.id}
