"""What a patient or carer sees and does behind their own link, once they gave the code that goes with it."""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.personal_token import id_of
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.access import AccessRules, Kind, Verb
from pathways.domain.activities import Activities
from pathways.domain.dating import local_day
from pathways.domain.notebook import Notebook, NoteKind
from pathways.domain.template import Template
from pathways.store import accesses, care_plans, enrolments, patient_links, standing, template_versions
from pathways.store.held import content_context
from pathways.store.seal import Seal
from pathways.usecases.patient_link import LINK_USE, LinkAsked, Right, add_link, code_of, stands
from pathways.usecases.publish_care_plan import PATIENT
from pathways.usecases.raise_alert import raise_alerts
from pathways.usecases.run_survey import issue_links
from pathways.usecases.settle_steps import RUNNING
from pathways.usecases.show_care_plan import PlanView, acknowledged, plan_view
from pathways.usecases.show_patient import present_keys
from pathways.usecases.write_note import Author, NewNote, add_note

MOST_TRIES = 5
_OPEN_FOR = timedelta(minutes=30)
_PASS_USE = b"patient-pass\0"


@dataclass(frozen=True)
class Parts:
    """What the process holds: keys, and the data of the territory."""

    keyring: Keyring
    seal: Seal
    rules: AccessRules
    notebook: Notebook
    activities: Activities


@dataclass(frozen=True)
class Space:
    """An open link: its row, the enrolment and its pathway."""

    link: Record
    enrolment: Record
    template: Template | None

    @property
    def person(self) -> str:
        """The name of the holder in notes and receipts."""
        return PATIENT if self.link["holder"] == "patient" else f"carer:{self.link['id']}"

    @property
    def subject(self) -> str:
        """The name of the holder in stamps and in the record of accesses."""
        return f"link:{self.link['id']}"


@dataclass(frozen=True)
class Shown:
    """What the page of a link shows; parts that the link does not allow are empty."""

    plan: PlanView | None
    kinds: tuple[NoteKind, ...]
    education: tuple[tuple[str, str], ...]
    surveys: list[Record]
    carers: list[tuple[Record, str]]


async def find_link(work: Work, parts: Parts, secret: str) -> Record:
    """The link, while it opens anything: asked anew by every request.

    Raises Problem 404 `link_unknown`; 410 `link_over` when it is revoked, locked or expired, the patient is gone or
    put aside, left the pathway or took the consent back.
    """
    link_id = id_of(parts.keyring, LINK_USE, work.territory, secret)
    link = await rows.find(work, patient_links.LINK, link_id, lock=True) if link_id else None
    if link is None:
        raise Problem(404, "link_unknown", "This link is not one of ours")
    enrolment = await enrolments.find(work, link["enrolment_id"])
    purposes = parts.rules.sharing_purposes
    found = await standing.find(work, link["patient_id"], link["enrolment_id"], [PATIENT], purposes, organises=False)
    gone = found is None or any(found[it] is not None for it in ("erased_at", "merged_into", "restricted_at"))
    left = enrolment is None or enrolment["state"] == "left"
    if not stands(work, link) or gone or left or found is None or found["sharing"] != "given":
        raise Problem(410, "link_over", "This link opens nothing any more")
    return link


async def give_code(work: Work, parts: Parts, link: Record, code: str) -> str | None:
    """A pass for half an hour, None for a wrong code: after five of them the link is locked for good."""
    expected = code_of(parts.keyring, work.territory, link["id"])
    right = hmac.compare_digest(code.replace(" ", "").encode(), expected.encode())
    tries = 0 if right else link["tries"] + 1
    values = {"tries": tries, "locked_at": work.now if tries >= MOST_TRIES else None}
    if tries or link["tries"]:
        await rows.change(work, patient_links.LINK, link["id"], f"link:{link['id']}", **values)
    return _pass(parts.keyring, work.territory, link["id"], int((work.now + _OPEN_FOR).timestamp())) if right else None


def pass_holds(work: Work, parts: Parts, link: Record, given: str) -> bool:
    """Whether it was given for this link, and less than half an hour ago."""
    until, _, _ = given.partition(".")
    if len(until) != len("1700000000") or not (until.isascii() and until.isdigit()) or not given.isascii():
        return False
    expected = _pass(parts.keyring, work.territory, link["id"], int(until))
    return hmac.compare_digest(expected, given) and int(until) > work.now.timestamp()


def _pass(keyring: Keyring, territory: str, link_id: UUID, until: int) -> str:
    mac = keyring.digest(_PASS_USE + territory.encode() + b"\0" + link_id.bytes + b"\0" + str(until).encode())[:16]
    return f"{until}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


async def enter(work: Work, link: Record) -> Space:
    """The space of a link whose holder gave the code."""
    enrolment = await enrolments.find(work, link["enrolment_id"])
    if enrolment is None:
        raise Problem(410, "link_over", "This link opens nothing any more")
    return Space(link, enrolment, await template_versions.of(work, enrolment))


async def show_space(work: Work, parts: Parts, space: Space) -> Shown:
    """Everything that the link allows; recorded as an access by the patient or the carer."""
    link, holder = space.link, space.link["holder"]
    rights = set(link["rights"])
    if "plan" in rights:
        await _allowed(work, parts, space, "read", "read_care_plan")
    documents = space.template.documents if space.template and "education" in rights else ()
    return Shown(
        plan=await _plan(work, parts, space) if "plan" in rights else None,
        kinds=tuple(it for it in parts.notebook.kinds if it.plain) if "report" in rights else (),
        education=tuple(
            (it.label, it.text) for it in documents if it.kind == "education" and it.text and holder in it.audience
        ),
        surveys=await _surveys(work, parts, space) if "surveys" in rights else [],
        carers=await _carers(work, parts, space) if holder == "patient" else [],
    )


async def report(work: Work, parts: Parts, space: Space, new: NewNote) -> NoteKind:
    """Writes into the notebook; answers the kind, whose advice the holder reads. Raises Problem 403, 422.

    An event (*événement intercurrent*) raises the alerts that the pathway names for what a patient tells.
    """
    _check_right(space, "report")
    await _allowed(work, parts, space, "write", "write_note")
    author = Author(space.link["holder"], space.person, None, space.subject)
    await add_note(work, parts.seal, parts.notebook, space.enrolment, author=author, new=new)
    kind = next(it for it in parts.notebook.kinds if it.code == new.kind)
    if kind.event and space.enrolment["state"] in RUNNING:
        await raise_alerts(work, parts.rules, [space.enrolment], "patient", space.subject)
    return kind


async def acknowledge(work: Work, parts: Parts, space: Space) -> None:
    """The plan that the page shows was read. Raises Problem 403 `not_recipient`, 404 `care_plan_unknown`."""
    _check_right(space, "plan")
    await _allowed(work, parts, space, "read", "acknowledge_care_plan")
    view = await _plan(work, parts, space)
    if view is None:
        raise Problem(404, "care_plan_unknown", "There is no plan yet")
    await acknowledged(work, view.row, [PATIENT], space.link["holder"], space.subject)


async def name_carer(work: Work, parts: Parts, space: Space, name: str, rights: tuple[Right, ...]) -> Record:
    """A link for a carer, with the same or fewer rights, as long as the patient's. Raises Problem 403, 409, 422."""
    if space.link["holder"] != "patient":
        raise Problem(403, "not_patient", "Only the patient names a carer")
    if not rights or not set(rights) <= set(space.link["rights"]):
        raise field_problem("rights", "rights_refused", "Some of those that the patient's own link has")
    await _allowed(work, parts, space, "write", "name_carer", kind="consent")
    days = max((space.link["expires_at"] - work.now).days, 1)
    asked = LinkAsked("carer", rights, days, name)
    made = await add_link(work, parts.seal, space.enrolment, asked, by=space.subject, parent_id=space.link["id"])
    ends = {"expires_at": space.link["expires_at"]}
    return await rows.change(work, patient_links.LINK, made["id"], space.subject, **ends)


async def revoke_carer(work: Work, parts: Parts, space: Space, link_id: UUID) -> None:
    """The carer's link opens nothing from the next request on. Raises Problem 404 `link_unknown`."""
    known = {row["id"] for row, _ in await _carers(work, parts, space)} if space.link["holder"] == "patient" else set()
    if link_id not in known:
        raise Problem(404, "link_unknown", "No such link of a carer")
    await _allowed(work, parts, space, "write", "revoke_carer", kind="consent")
    await patient_links.revoke(work, link_id, space.subject)


async def take_survey(work: Work, parts: Parts, space: Space, survey_id: UUID) -> str:
    """An anonymous address to answer a survey, once for each link; nothing leads from it to the patient.

    Raises Problem 404 `survey_unknown`.
    """
    _check_right(space, "surveys")
    if survey_id not in {row["id"] for row in await _surveys(work, parts, space)}:
        raise Problem(404, "survey_unknown", "No such survey is open for you, or its address was taken before")
    taken = [*space.link["surveys"], survey_id]
    await rows.change(work, patient_links.LINK, space.link["id"], space.subject, surveys=taken)
    # Issued by nobody in particular: the row must not lead back to who took it.
    nobody = Caller("patient-link", work.territory, frozenset())
    (secret,) = await issue_links(work, nobody, parts.keyring, survey_id, 1)
    return f"/v1/survey-answers/{work.territory}~{secret}"


def _check_right(space: Space, right: Right) -> None:
    if right not in space.link["rights"]:
        raise Problem(403, "right_missing", "This link does not allow it")


async def _allowed(work: Work, parts: Parts, space: Space, verb: Verb, action: str, *, kind: Kind = "clinical") -> None:
    """By the rules of the territory, recorded. Raises Problem 403 `access_refused`."""
    holder = space.link["holder"]
    if not parts.rules.allows(holder, None, kind, verb):
        raise Problem(403, "access_refused", "The rules of the territory do not allow it", situation=holder)
    caller = Caller(space.subject, work.territory, frozenset(), role=holder)
    seen = accesses.Seen(action, kind, "care", space.link["patient_id"], space.link["enrolment_id"], holder)
    await accesses.add(work, caller, seen)


async def _plan(work: Work, parts: Parts, space: Space) -> PlanView | None:
    """The newest version that stands, when it is for the patient."""
    row = await care_plans.latest_for(work, space.enrolment["id"], PATIENT)
    return await plan_view(work, parts.seal, row) if row else None


async def _surveys(work: Work, parts: Parts, space: Space) -> list[Record]:
    """Open ones on this pathway for such a holder, of which no address was taken by this link."""
    topic = parts.activities.topic_of(space.enrolment["template"])
    if topic is None:
        return []
    found = await patient_links.surveys_due(work, space.link["holder"], topic, local_day(work.now))
    return [row for row in found if row["id"] not in space.link["surveys"]]


async def _carers(work: Work, parts: Parts, space: Space) -> list[tuple[Record, str]]:
    keys = present_keys(await parts.seal.keys(work, space.link["patient_id"]))
    found = await patient_links.of_enrolment(work, space.enrolment["id"])
    return [
        (row, keys.decrypt(row["name"], content_context(patient_links.LINK, row["id"], "name")) if row["name"] else "")
        for row in found
        if row["holder"] == "carer" and stands(work, row)
    ]
