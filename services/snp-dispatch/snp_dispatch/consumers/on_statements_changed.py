"""A territory attests something anew of a professional or a structure."""

from contracts.directory import StatementsChanged
from contracts.envelope import Event
from kit.work import Work
from snp_dispatch.store.attested import Attested
from snp_dispatch.usecases.directory_changes import statements_changed


async def on_statements_changed(event: Event[StatementsChanged], work: Work) -> None:
    codes = {it.kind: it.codes for it in event.data.statements if it.codes}
    one = {kind: codes[kind][0] for kind in ("gender", "tariff_sector") if kind in codes}
    said = Attested(one.get("gender"), codes.get("languages"), one.get("tariff_sector"), codes.get("accessibility"))
    await statements_changed(work, number=event.data.about, said=said, version=event.aggregateversion)
