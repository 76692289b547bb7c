"""What the minutes say by themselves: agenda, attendance, proxies, quorum, votes with their count."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from directory.domain.association import Association
from directory.domain.ballot_text import step_sentence, verdict, votes_sentence
from directory.domain.french import french_time
from directory.store import members
from directory.usecases.find_meeting import MeetingView
from directory.usecases.show_result import document_of, show_result
from kit.pdf import Block, Grid, Heading, Text
from kit.work import Record, Work

PRESENCES = {"present": "présent", "represented": "représenté", "excused": "excusé", "absent": "absent"}


async def record_meeting(work: Work, rules: Association, view: MeetingView, texts: Mapping[int, str]) -> list[Block]:
    """The blocks of the minutes; `texts` by item of the agenda, 0 for what concerns none."""
    blocks: list[Block] = [Text(_opening(rules, view)), Heading("Présences"), Text(_counted(view)), sheet_of(view)]
    if texts.get(0):
        blocks.append(Text(texts[0]))
    for number, item in enumerate(view.agenda, start=1):
        blocks.append(Heading(f"{number}. {item['title']}"))
        if texts.get(number):
            blocks.append(Text(texts[number]))
        for ballot in (it for it in view.ballots if it["item"] == number):
            blocks += await _vote(work, ballot)
    return blocks


def sheet_of(view: MeetingView) -> Grid:
    """The attendance as it was signed."""
    names = {line["member_id"]: name or "" for name, line in view.sheet}
    rows = [
        (
            name or "",
            "" if line["college"] is None else str(line["college"]),
            PRESENCES[line["status"]],
            names.get(line["holder_id"], ""),
        )
        for name, line in sorted(view.sheet, key=lambda it: (it[1]["college"] or 99, it[0] or ""))
    ]
    return Grid(("Nom", "Collège", "Présence", "Pouvoir donné à"), rows, (4, 1, 2, 4))


def _opening(rules: Association, view: MeetingView) -> str:
    kind = rules.meetings.get(view.row["kind"])
    place = f", {view.row['place']}" if view.row["place"] else ""
    return f"{kind.label if kind else view.row['kind']} du {french_time(view.row['starts_at'])}{place}"


def _counted(view: MeetingView) -> str:
    found = Counter(line["status"] for _, line in view.sheet)
    return ", ".join(f"{found[status]} {label}(s)" for status, label in PRESENCES.items() if found[status])


async def _vote(work: Work, ballot: Record) -> list[Block]:
    if ballot["state"] != "closed":
        return [Text(f"Vote : {ballot['question']} (en cours)")]
    result = await show_result(work, ballot["id"])
    names = await _names(work, result.votes)
    lines = [f"Vote{' à bulletin secret' if ballot['secret'] else ''} : {ballot['question']}"]
    if document := document_of(ballot):
        lines.append(
            f"Document : {document['name']}, version {document['edition']}, empreinte SHA-256 {document['sha256']}"
        )
    lines.append(f"{result.cast} votant(s) sur {result.entitled} présent(s) ou représenté(s)")
    lines.append(votes_sentence(result.votes, names))
    if result.tally is not None:
        needed = result.tally.quorum_needed
        quorum = "aucun n'est exigé" if needed is None else f"{needed} exigé(s), {result.terms.enrolled} inscrit(s)"
        lines += [f"Quorum : {quorum}", *map(step_sentence, result.tally.steps)]
    lines.append(verdict(result.tally, result.elected, result.terms.votes.majority))
    if result.elected is not None and result.elected.elected:
        lines.append("Élu(s) : " + ", ".join(names.get(it) or it for it in result.elected.elected))
    return [Text("\n".join(lines))]


async def _names(work: Work, votes: Mapping[str, int]) -> dict[str, str]:
    """Names of candidates who stand in the national register; others keep their id."""
    found = {}
    for choice in votes:
        if len(choice) == len(str(UUID(int=0))) and (row := await members.find(work, UUID(choice))) and row["name"]:
            found[choice] = str(row["name"])
    return found
