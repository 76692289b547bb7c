"""Enter the amounts of the contract (ACI) that the territory knows; each entry stays, with who and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.domain.aci_contract import Contract
from indicators.domain.aci_forecast import Amounts, MissionAmounts
from indicators.store import aci_amounts
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work


@dataclass(frozen=True)
class Entered:
    """Amounts as they come in, in euros for a year; None is not known."""

    valid_from: date
    source: str
    functioning: Decimal | None
    missions: Mapping[str, MissionAmounts]

    @property
    def stored(self) -> dict[str, Any]:
        """What the row holds: amounts as text, to the cent."""
        parts = {code: {"fixed": _text(it.fixed), "variable": _text(it.variable)} for code, it in self.missions.items()}
        return {"functioning": _text(self.functioning), "missions": parts}


async def enter_amounts(
    work: Work, caller: Caller, contract: Contract, entered: Entered, if_match: str | None
) -> tuple[Amounts, int]:
    """Stores them, unless they stand so already; answers them, and how many entries there are then.

    Raises Problem 412, 422 `mission_unknown`, `before_the_agreement`.
    """
    _check(contract, entered)
    number = await aci_amounts.lock(work)
    present = f'"{number}"'
    if if_match not in (None, "*", present):
        raise Problem(412, "version_mismatch", f"They stand at {present}", headers={"ETag": present})
    holding = await aci_amounts.holding(work, entered.valid_from)
    if holding is not None and _says(holding) == (entered.valid_from, entered.source, entered.stored):
        return amounts_of(holding), number
    row = await aci_amounts.add(
        work,
        number + 1,
        caller.subject,
        valid_from=entered.valid_from,
        source=entered.source,
        amounts=entered.stored,
    )
    return amounts_of(row), number + 1


async def list_amounts(work: Work, before: int | None, limit: int) -> list[Amounts]:
    """Every entry, the latest first, from below the number `before`."""
    return [amounts_of(row) for row in await aci_amounts.listed(work, before, limit)]


def amounts_of(row: Record) -> Amounts:
    """The amounts that a row holds."""
    held = row["amounts"]
    return Amounts(
        number=row["number"],
        valid_from=row["valid_from"],
        source=row["source"],
        functioning=_euros(held["functioning"]),
        missions={
            code: MissionAmounts(_euros(part["fixed"]), _euros(part["variable"]))
            for code, part in held["missions"].items()
        },
        entered_by=row["entered_by"],
        entered_at=row["entered_at"],
    )


def _check(contract: Contract, entered: Entered) -> None:
    for code in entered.missions:
        if code not in contract.missions:
            raise field_problem(f"missions.{code}", "mission_unknown", f"The contract has no mission {code!r}")
    if entered.valid_from < contract.agreement.signed_on:
        detail = f"The agreement is of {contract.agreement.signed_on}"
        raise field_problem("valid_from", "before_the_agreement", detail)


def _says(row: Record) -> tuple[date, str, dict[str, Any]]:
    return row["valid_from"], row["source"], row["amounts"]


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _euros(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
