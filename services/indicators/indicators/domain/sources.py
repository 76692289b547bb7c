"""What a definition may count, by which fields, and which facts prove it.

A source is a projection of facts. Its base rule says which of its rows stand: a slot that is published
and not withdrawn, a call that was received. `fields` are the words a definition may filter or break
down by; the SQL behind each word stands in `store`.
"""

from dataclasses import dataclass

BOOKING_PROOFS = ("booking.confirmed", "booking.moved", "booking.fulfilled", "booking.missed", "booking.outcome_undone")
"""Facts of a booking that stands. A visit that was missed (*non honoré*) did occupy its slot."""


@dataclass(frozen=True)
class Field:
    """One word of the language: a code, a flag, or a set of codes of which one must match."""

    kind: str
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One thing that can be counted. `units` are the distinct things within it; `fed_by` the facts that move it.

    `at_end`: as last reported in the period, so that a year says what its last quarter says.
    """

    units: frozenset[str]
    fields: dict[str, Field]
    proofs: tuple[str, ...]
    fed_by: tuple[str, ...]
    at_end: bool = False


_CODE, _CODES = Field("code"), Field("codes")
_BOOKED = Field("flag", BOOKING_PROOFS)

SOURCES: dict[str, Source] = {
    # A slot belongs to the period in which it starts.
    "slots": Source(
        units=frozenset({"slot", "effector", "professional"}),
        fields={
            "audience": _CODES,
            "specialty": _CODES,
            "profession": _CODE,
            "mode": _CODE,
            "effector_kind": _CODE,
            "booked": _BOOKED,
            "commune": _CODE,
            "department": _CODE,
        },
        proofs=("slot.published",),
        fed_by=("slot.published", "slot.withdrawn", *BOOKING_PROOFS, "booking.cancelled"),
    ),
    # A call belongs to the period in which it was received.
    "calls": Source(
        units=frozenset({"call"}),
        fields={
            "origin": _CODE,
            "profession": _CODE,
            "specialty": _CODE,
            "outcome": Field("code", ("call.screened",)),
            "booked": _BOOKED,
            "commune": _CODE,
            "department": _CODE,
        },
        proofs=("call.received",),
        fed_by=("call.received", "call.screened", *BOOKING_PROOFS, "booking.cancelled"),
    ),
    # A version of a list that was sent to somebody, in the period in which it was. A recipient has one opaque id.
    "sendings": Source(
        units=frozenset({"recipient"}),
        fields={"list": _CODE},
        proofs=("list.sent",),
        fed_by=("list.sent",),
    ),
    # General practitioners as counted last before the period ends.
    "general_practitioners": Source(
        units=frozenset({"professional"}),
        fields={"accepts": Field("flag")},
        proofs=("acceptance.counted",),
        fed_by=("acceptance.counted",),
    ),
    # Places of professionals on rosters, in the period in which the shift starts; not those who withdrew.
    "sign_ups": Source(
        units=frozenset({"professional"}),
        fields={"roster_kind": _CODE, "profession": _CODE, "present": Field("flag"), "self_employed": Field("flag")},
        proofs=("shift.taken", "shift.presence_noted"),
        fed_by=("shift.taken", "shift.left", "shift.presence_noted", "workforce.counted"),
    ),
    # Self-employed professionals (*libéraux*) as counted last before the period ends.
    "self_employed": Source(
        units=frozenset({"professional"}),
        fields={},
        proofs=("workforce.counted",),
        fed_by=("workforce.counted",),
    ),
    # Adopted versions of crisis plans, in the period of their adoption.
    "crisis_plans": Source(
        units=frozenset({"plan"}),
        fields={"type": _CODE, "orsan": Field("flag")},
        proofs=("crisis_plan.adopted",),
        fed_by=("crisis_plan.adopted",),
    ),
    "crisis_communications": Source(
        units=frozenset({"communication"}),
        fields={"to_professionals": Field("flag")},
        proofs=("crisis_communication.sent",),
        fed_by=("crisis_communication.sent",),
    ),
    # How each vaccination campaign stood by age band when it was last reported in the period: people, not rows.
    "vaccination": Source(
        units=frozenset({"vaccinated", "inhabitant"}),
        fields={"campaign": _CODE, "age_band": _CODE, "population_known": Field("flag")},
        proofs=("vaccination.reported",),
        fed_by=("vaccination.reported",),
        at_end=True,
    ),
    # Group sessions that took place, in the period in which they began.
    "sessions": Source(
        units=frozenset({"session"}),
        fields={"kind": _CODE, "topic": _CODE, "theme": _CODE},
        proofs=("session.held",),
        fed_by=("session.held",),
    ),
    # Who came to them, as last told: people, not rows. A profession is that of a professional.
    "attendances": Source(
        units=frozenset({"attendance"}),
        fields={
            "kind": _CODE,
            "topic": _CODE,
            "theme": _CODE,
            "audience": _CODE,
            "profession": _CODE,
            "self_employed": Field("flag"),
        },
        proofs=("session.held",),
        fed_by=("session.held", "workforce.counted"),
    ),
    # Answers of surveys, in the period in which they came. A score goes from 0 to 100.
    "answers": Source(
        units=frozenset({"answer", "score"}),
        fields={
            "purpose": _CODE,
            "respondent": _CODE,
            "about": _CODE,
            "topic": _CODE,
            "session_kind": _CODE,
            "scored": Field("flag"),
        },
        proofs=("survey.answered",),
        fed_by=("survey.answered",),
    ),
    # Enrolments of patients in pathways, in the period in which they were told.
    "enrolments": Source(
        units=frozenset({"patient"}),
        fields={"template": _CODE},
        proofs=("enrolment.started",),
        fed_by=("enrolment.started",),
    ),
    # Steps of pathways, in the period in which they were done.
    "steps_done": Source(
        units=frozenset({"patient"}),
        fields={"template": _CODE, "step": _CODE},
        proofs=("step.done",),
        fed_by=("step.done", "enrolment.started"),
    ),
    # Synthesis sheets, in the period of their first version.
    "sheets": Source(
        units=frozenset({"sheet"}),
        fields={"topic": _CODE, "theme": _CODE},
        proofs=("sheet.published",),
        fed_by=("sheet.published",),
    ),
    # Visits of the space of documents, by day: of its list (`space`) and of each sheet, by its id.
    "visits": Source(
        units=frozenset({"visit"}),
        fields={"place": _CODE},
        proofs=("visits.counted",),
        fed_by=("visits.counted",),
    ),
    # Patients who agreed to be asked as experts and did not end it, in the period in which they were identified.
    "experts": Source(
        units=frozenset({"expert"}),
        fields={"role": _CODE, "topic": _CODE},
        proofs=("expert.identified",),
        fed_by=("expert.identified", "expert.ended"),
    ),
    # Emergency visits and hospital stays that were not cancelled, in the period of the arrival.
    "stays": Source(
        units=frozenset({"stay"}),
        fields={"kind": _CODE, "motive": _CODE, "entry": _CODE, "readmission": _CODE},
        proofs=("stay.recorded",),
        fed_by=("stay.recorded", "stay.cancelled"),
    ),
    # What the territory attests of professionals, as last told before the period ends and still valid then.
    "attested": Source(
        units=frozenset({"professional"}),
        fields={"statement": _CODE, "profession": _CODE},
        proofs=("statements.changed",),
        fed_by=("statements.changed",),
    ),
    # Trainees whose stay was not cancelled, in the period in which it starts; a row for each who hosts one.
    "trainees": Source(
        units=frozenset({"trainee", "host"}),
        fields={"profession": _CODE, "level": _CODE},
        proofs=("trainee.hosted",),
        fed_by=("trainee.hosted",),
    ),
    # Professionals who settled (*installation*), in the period in which their practice opened.
    "installations": Source(
        units=frozenset({"installation"}),
        fields={"profession": _CODE, "commune": _CODE, "department": _CODE},
        proofs=("installation.advanced",),
        fed_by=("installation.advanced",),
    ),
    # Questions between professionals that were answered, in the period of the answer.
    "advice": Source(
        units=frozenset({"advice"}),
        fields={"kind": _CODE, "specialty": _CODE, "in_time": Field("flag")},
        proofs=("advice.answered",),
        fed_by=("advice.answered",),
    ),
}
