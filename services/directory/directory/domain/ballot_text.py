"""The result of a vote in French sentences, for who reads it and for the minutes."""

from collections.abc import Mapping
from fractions import Fraction

from directory.domain.tally import AGAINST, FOR, Elected, Step, Tally

CHOICES_FR = {"for": "pour", "against": "contre", "abstain": "abstention", "blank": "blanc"}


def percent(value: Fraction) -> str:
    """To read: two decimals."""
    return f"{round(value * 10_000) / 100:.2f}"


def step_sentence(step: Step) -> str:
    """What one college contributes."""
    if not step.counted:
        return f"Collège {step.college} : aucune voix"
    return (
        f"Collège {step.college} : {percent(step.share)} % x {step.votes[FOR]}/{step.counted} = "
        f"{percent(step.weights[FOR])} % pour, x {step.votes[AGAINST]}/{step.counted} = "
        f"{percent(step.weights[AGAINST])} % contre"
    )


def verdict(tally: Tally | None, elected: Elected | None, majority: Fraction) -> str:
    """What is decided."""
    if elected is not None:
        tie = f", {len(elected.tied)} à égalité pour un second tour" if elected.tied else ""
        return f"{len(elected.elected)} élu(s), {elected.open_seats} siège(s) à pourvoir{tie}"
    if tally is None:
        return ""
    if not tally.quorum_reached:
        return "Quorum non atteint : rien n'est adopté"
    decided = "adopté" if tally.adopted else "rejeté"
    return f"{percent(tally.totals[FOR])} % pour ; il faut plus de {majority} : {decided}"


def votes_sentence(votes: Mapping[str, int], names: Mapping[str, str]) -> str:
    """How many said what; candidates by their names."""
    return ", ".join(
        f"{names.get(choice) or CHOICES_FR.get(choice, choice)} : {number}" for choice, number in votes.items()
    )
