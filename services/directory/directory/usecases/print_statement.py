"""The statement of a person and year on paper (*relevé d'indemnités*)."""

import asyncio
from decimal import Decimal

from directory.domain.as_of import paris_day
from directory.domain.french import euros, french_date
from directory.domain.indemnities import IndemnityRules
from directory.usecases.load_reference import Reference
from directory.usecases.show_professional import find_professional
from directory.usecases.state_year import Ceiling, Statement, show_ceiling, state_year
from kit.auth import Caller
from kit.pdf import Block, Grid, Heading, Text, write_pdf
from kit.work import Work

_KINDS = {
    "indemnity": "Indemnité",
    "correction": "Correction",
    "compensation": "SNP non honoré",
    "reversal": "SNP non honoré, annulé",
}
_CUTS = {"yearly_ceiling": "plafond annuel atteint", "own_cap": "plafond des SNP non honorés atteint"}


async def print_statement(
    work: Work, caller: Caller, rules: IndemnityRules, loaded: Reference, *, rpps: str, year: int
) -> bytes:
    """As PDF. Raises Problem 403, 404."""
    stated = await state_year(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    ceiling = await show_ceiling(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    person = await find_professional(work, rpps)
    who = Text(f"{person['name']} - RPPS {rpps}\nÉtat au {french_date(paris_day(work.now))}, barème {rules.version}")
    blocks = [who, *_declared(stated, rules), *_ceiling(ceiling)]
    territory = loaded.territories[work.territory].name
    return await asyncio.to_thread(write_pdf, f"Relevé d'indemnités {year}", territory, blocks)


def _declared(stated: Statement, rules: IndemnityRules) -> list[Block]:
    head = ("Jour", "Mission", "Minutes", "État", "Taux horaire", "Montant", "Dû")
    states = {"declared": "déclaré", "approved": "validé", "refused": "refusé", "paid": "payé"}
    rows = [
        (
            french_date(it["day"]),
            rules.missions[it["mission"]].label if it["mission"] in rules.missions else it["mission"],
            str(it["minutes"]),
            states[it["state"]],
            *(_sum(it[name]) for name in ("per_hour", "amount", "payable")),
        )
        for it in stated.lines
    ]
    return [Heading("Temps déclaré"), Grid(head, rows, (2, 5, 2, 2, 2, 2, 2))]


def _ceiling(found: Ceiling) -> list[Block]:
    head = ("Jour", "Objet", "Montant", "Dû", "Écrêtement", "État de paiement")
    rows = [
        (
            french_date(it["day"]),
            _KINDS[it["kind"]],
            _sum(it["amount"]),
            _sum(it["payable"]),
            _CUTS.get(it["cut_reason"] or "", ""),
            "" if it["batch"] is None else f"n° {it['batch']}",
        )
        for it in found.entries
    ]
    sums = f"Plafond : {_sum(found.cap)} - utilisé : {_sum(found.used)} - reste : {_sum(found.left)}"
    return [Heading("Plafond annuel, toutes indemnités confondues"), Text(sums), Grid(head, rows, (2, 3, 2, 2, 4, 2))]


def _sum(amount: Decimal | None) -> str:
    """Nothing for an unknown one."""
    return "" if amount is None else f"{euros(amount)} €"
