"""Where each source of the catalogue lives in the tables: what stands after FROM, and its words as SQL."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """Where a source lives. `units` that are the row's own id need no DISTINCT. `visits`: bookings prove its rows.

    `weights`: units of which a row stands for several, and how many. `sums`: the columns, with their types, by which
    the rows of a month are put together; units and fields of such a source are made of these alone.
    """

    table: str
    at: str
    units: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    key: str = "subject"
    kinds_of_unit: dict[str, str] = field(default_factory=dict)
    visits: bool = False
    weights: dict[str, str] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)


def _same(*names: str) -> dict[str, str]:
    """Fields that are called as their columns are."""
    return {name: name for name in names}


# The department of a commune: two figures of its code, three overseas.
_DEPARTMENT = "left(commune, CASE WHEN left(commune, 2) IN ('97', '98') THEN 3 ELSE 2 END) AS department"

# The department follows from the commune, and is asked for by name as a column is.
_SLOTS = f"(SELECT *, {_DEPARTMENT} FROM slot_fact) AS slot"
_CALLS = f"(SELECT *, {_DEPARTMENT} FROM call_fact) AS call"

# A sending never changes, so its fact is all there is to know: a row for each of its recipients.
_SENDINGS = """(
SELECT territory, subject, true AS standing, occurred_at AS sent_at, dimensions ->> 'list' AS list, recipient
FROM fact, jsonb_array_elements_text(dimensions -> 'recipients') AS recipient WHERE kind = 'list.sent'
) AS sending"""

# A count holds until the next one: that of a period is the last before its end ($3), of the period before or its own.
_GENERAL_PRACTITIONERS = """(
SELECT territory, subject, true AS standing, greatest(occurred_at, $2) AS counted_at, professional,
       dimensions -> 'accepting' ? professional AS accepts
FROM (SELECT * FROM fact WHERE territory = $1 AND kind = 'acceptance.counted' AND occurred_at < $3
      ORDER BY occurred_at DESC, event_id LIMIT 1) AS last,
     jsonb_array_elements_text(dimensions -> 'general_practitioners') AS professional
) AS general_practitioner"""

# Whether somebody is self-employed is known from the last count before the period ends ($3).
_SELF_EMPLOYED_COUNT = """
SELECT * FROM fact WHERE territory = $1 AND kind = 'workforce.counted' AND occurred_at < $3
ORDER BY occurred_at DESC, event_id LIMIT 1"""

_SELF_EMPLOYED = f"""(
SELECT territory, subject, true AS standing, greatest(occurred_at, $2) AS counted_at, professional
FROM ({_SELF_EMPLOYED_COUNT}) AS last, jsonb_array_elements_text(dimensions -> 'self_employed') AS professional
) AS self_employed"""

# What stands of a sign-up is what was told last of it; its shift is named when it was taken.
_SIGN_UPS = f"""(
SELECT territory, subject, last <> 'shift.left' AS standing, (taken ->> 'starts_at')::timestamptz AS starts_at,
       taken ->> 'roster_kind' AS roster_kind, taken ->> 'profession' AS profession, taken ->> 'rpps' AS professional,
       last = 'shift.presence_noted' AND coalesce((noted ->> 'present')::boolean, false) AS present,
       coalesce((SELECT dimensions -> 'self_employed' ? (taken ->> 'rpps')
                 FROM ({_SELF_EMPLOYED_COUNT}) AS known), false) AS self_employed
FROM (SELECT territory, subject, (array_agg(kind ORDER BY version DESC, event_id))[1] AS last,
             (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'shift.taken'))[1] AS taken,
             (array_agg(dimensions ORDER BY version DESC, event_id)
                  FILTER (WHERE kind = 'shift.presence_noted'))[1] AS noted
      FROM fact WHERE territory = $1 AND kind IN ('shift.taken', 'shift.left', 'shift.presence_noted')
      GROUP BY territory, subject) AS told
) AS sign_up"""

_PLANS = """(
SELECT territory, subject, true AS standing, occurred_at AS adopted_at, dimensions ->> 'type' AS type,
       (dimensions ->> 'orsan')::boolean AS orsan FROM fact WHERE kind = 'crisis_plan.adopted'
) AS crisis_plan"""

_COMMUNICATIONS = """(
SELECT territory, subject, true AS standing, occurred_at AS sent_at,
       (dimensions ->> 'to_professionals')::boolean AS to_professionals
FROM fact WHERE kind = 'crisis_communication.sent'
) AS communication"""

# An import tells a campaign whole: that of a period is the last in it.
_VACCINATION = """(
SELECT territory, subject, true AS standing, occurred_at AS reported_at, subject AS campaign,
       band ->> 'age_band' AS age_band, (band ->> 'vaccinated')::bigint AS vaccinated,
       coalesce((band ->> 'population')::bigint, 0) AS inhabitants,
       band ->> 'population' IS NOT NULL AS population_known
FROM (SELECT DISTINCT ON (subject) * FROM fact WHERE territory = $1 AND kind = 'vaccination.reported'
      AND occurred_at < $3 ORDER BY subject, version DESC, event_id) AS last,
     jsonb_array_elements(dimensions -> 'age_bands') AS band
) AS vaccination"""

# What stands of a session is what was told last of it.
_HELD = """
SELECT DISTINCT ON (subject) territory, subject, (dimensions ->> 'starts_at')::timestamptz AS starts_at,
       dimensions ->> 'kind' AS kind, dimensions ->> 'topic' AS topic, dimensions ->> 'theme' AS theme, dimensions
FROM fact WHERE territory = $1 AND fact.kind = 'session.held' ORDER BY subject, version DESC, event_id"""

_SESSIONS = f"(SELECT *, true AS standing FROM ({_HELD}) AS held) AS session"

_ATTENDANCES = f"""(
SELECT held.*, true AS standing, who.*,
       coalesce((SELECT known.dimensions -> 'self_employed' ? who.rpps
                 FROM ({_SELF_EMPLOYED_COUNT}) AS known), false) AS self_employed
FROM ({_HELD}) AS held CROSS JOIN LATERAL (
    SELECT 'professional' AS audience, it ->> 'profession' AS profession, it ->> 'rpps' AS rpps, 1::bigint AS people,
           'p' || number AS line
    FROM jsonb_array_elements(held.dimensions -> 'professionals') WITH ORDINALITY AS told (it, number)
    UNION ALL
    SELECT it ->> 'audience', NULL, NULL, (it ->> 'people')::bigint, it ->> 'audience'
    FROM jsonb_array_elements(held.dimensions -> 'others') AS it
) AS who) AS attendance"""

_ANSWERS = """(
SELECT territory, subject, true AS standing, occurred_at AS answered_at, dimensions ->> 'purpose' AS purpose,
       dimensions ->> 'respondent' AS respondent, dimensions ->> 'subject' AS about, dimensions ->> 'topic' AS topic,
       dimensions ->> 'session_kind' AS session_kind, dimensions ->> 'score' IS NOT NULL AS scored,
       coalesce((dimensions ->> 'score')::bigint, 0) AS score
FROM fact WHERE kind = 'survey.answered'
) AS answer"""

# A patient is counted once, however often enrolled; one of whom no pseudonym was told, once an enrolment.
_ENROLMENTS = """(
SELECT territory, subject, true AS standing, occurred_at AS started_at, dimensions ->> 'template' AS template,
       coalesce(dimensions ->> 'patient', subject::text) AS patient
FROM fact WHERE kind = 'enrolment.started'
) AS enrolment"""

_STEPS_DONE = """(
SELECT step.territory, step.subject, true AS standing, step.occurred_at AS told_at,
       step.dimensions ->> 'template' AS template, step.dimensions ->> 'step' AS step,
       coalesce(enrolment.dimensions ->> 'patient', step.dimensions ->> 'enrolment_id') AS patient
FROM fact AS step LEFT JOIN fact AS enrolment
  ON enrolment.territory = step.territory AND enrolment.kind = 'enrolment.started'
 AND enrolment.dimensions ->> 'enrolment_id' = step.dimensions ->> 'enrolment_id'
WHERE step.territory = $1 AND step.kind = 'step.done'
) AS step_done"""

_SHEETS = """(
SELECT territory, subject, true AS standing, occurred_at AS published_at, dimensions ->> 'topic' AS topic,
       dimensions ->> 'theme' AS theme
FROM fact WHERE kind = 'sheet.published' AND dimensions ->> 'number' = '1'
) AS sheet"""

_VISITS = """(
SELECT territory, subject, true AS standing,
       (dimensions ->> 'day')::date::timestamp AT TIME ZONE 'Europe/Paris' AS visited_at, who.place, who.visits
FROM fact CROSS JOIN LATERAL (
    SELECT 'space' AS place, (dimensions ->> 'space')::bigint AS visits
    UNION ALL
    SELECT it ->> 'sheet_id', (it ->> 'visits')::bigint FROM jsonb_array_elements(dimensions -> 'sheets') AS it
) AS who WHERE kind = 'visits.counted'
) AS visit"""

_EXPERTS = """(
SELECT territory, subject, last = 'expert.identified' AS standing, identified_at, role, topic
FROM (SELECT territory, subject, (array_agg(kind ORDER BY version DESC, event_id))[1] AS last,
             min(occurred_at) FILTER (WHERE kind = 'expert.identified') AS identified_at,
             min(dimensions ->> 'role') AS role, min(dimensions ->> 'topic') AS topic
      FROM fact WHERE territory = $1 AND kind IN ('expert.identified', 'expert.ended')
      GROUP BY territory, subject) AS told
) AS expert"""

_STAYS = """(
SELECT territory, subject, last = 'stay.recorded' AS standing,
       (told ->> 'arrived_on')::date::timestamp AT TIME ZONE 'Europe/Paris' AS arrived_at, told ->> 'kind' AS kind,
       told ->> 'motive' AS motive, coalesce(told ->> 'entry', 'none') AS entry,
       CASE told ->> 'readmission' WHEN 'true' THEN 'again' WHEN 'false' THEN 'first' ELSE 'unknown' END AS readmission
FROM (SELECT territory, subject, (array_agg(kind ORDER BY version DESC, event_id))[1] AS last,
             (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'stay.recorded'))[1] AS told
      FROM fact WHERE territory = $1 AND kind IN ('stay.recorded', 'stay.cancelled')
      GROUP BY territory, subject) AS last
) AS stay"""

_ADVICE = """(
SELECT territory, subject, true AS standing, (dimensions ->> 'answered_at')::timestamptz AS answered_at,
       dimensions ->> 'kind' AS kind, dimensions ->> 'specialty' AS specialty,
       (dimensions ->> 'in_time')::boolean AS in_time
FROM fact WHERE kind = 'advice.answered'
) AS advice"""

# What is attested of somebody is what was told last of them before the period ends ($3), as far as it is valid then.
_ATTESTED = """(
SELECT last.territory, last.subject, true AS standing, greatest(last.occurred_at, $2) AS told_at,
       it ->> 'kind' AS statement, last.dimensions ->> 'profession' AS profession
FROM (SELECT DISTINCT ON (subject) * FROM fact WHERE territory = $1 AND kind = 'statements.changed'
      AND occurred_at < $3 ORDER BY subject, version DESC, event_id) AS last,
     jsonb_array_elements(last.dimensions -> 'statements') AS it
WHERE coalesce((it ->> 'valid_until')::timestamptz >= $3, true)
) AS attested"""

# What stands of a stay is what was told last of it.
_TRAINEES = """(
SELECT last.territory, last.subject, NOT (dimensions ->> 'cancelled')::boolean AS standing,
       (dimensions ->> 'starts_on')::date::timestamp AT TIME ZONE 'Europe/Paris' AS starts_at,
       dimensions ->> 'profession' AS profession, dimensions ->> 'level' AS level, host
FROM (SELECT DISTINCT ON (subject) * FROM fact WHERE territory = $1 AND kind = 'trainee.hosted'
      ORDER BY subject, version DESC, event_id) AS last
     LEFT JOIN LATERAL jsonb_array_elements_text(dimensions -> 'hosts') AS host ON true
) AS trainee"""

_INSTALLATIONS = f"""(
SELECT territory, subject, dimensions ->> 'stage' = 'opened' AS standing,
       (dimensions ->> 'opened_on')::date::timestamp AT TIME ZONE 'Europe/Paris' AS opened_at,
       dimensions ->> 'profession' AS profession, commune, {_DEPARTMENT}
FROM (SELECT DISTINCT ON (subject) *, dimensions ->> 'commune' AS commune
      FROM fact WHERE territory = $1 AND kind = 'installation.advanced'
      ORDER BY subject, version DESC, event_id) AS last
) AS installation"""

PLACES = {
    "slots": Place(
        table=_SLOTS,
        key="slot_id",
        at="starts_at",
        units={
            "slot": "slot_id::text",
            "effector": "effector_kind || ':' || effector_id",
            "professional": "effector_id",
        },
        fields={
            "audience": "audience && {codes}::text[]",
            "specialty": "specialties && {codes}::text[]",
            "profession": "profession",
            "mode": "mode",
            "effector_kind": "effector_kind",
            "booked": "booked",
            "commune": "commune",
            "department": "department",
        },
        kinds_of_unit={"professional": "effector_kind = 'professional'"},
        visits=True,
        sums={
            **dict.fromkeys(("effector_kind", "effector_id", "profession", "mode", "commune", "department"), "text"),
            **dict.fromkeys(("specialties", "audience"), "text[]"),
            "booked": "boolean",
        },
    ),
    "calls": Place(
        table=_CALLS,
        key="call_id",
        at="received_at",
        units={"call": "call_id::text"},
        fields=_same("origin", "profession", "specialty", "outcome", "booked", "commune", "department"),
        visits=True,
        sums={
            **dict.fromkeys(("origin", "profession", "specialty", "outcome", "commune", "department"), "text"),
            "booked": "boolean",
        },
    ),
    "sendings": Place(table=_SENDINGS, at="sent_at", units={"recipient": "recipient"}, fields=_same("list")),
    "general_practitioners": Place(
        table=_GENERAL_PRACTITIONERS, at="counted_at", units={"professional": "professional"}, fields=_same("accepts")
    ),
    "sign_ups": Place(
        table=_SIGN_UPS,
        at="starts_at",
        units={"professional": "professional"},
        fields=_same("roster_kind", "profession", "present", "self_employed"),
    ),
    "self_employed": Place(table=_SELF_EMPLOYED, at="counted_at", units={"professional": "professional"}),
    "crisis_plans": Place(table=_PLANS, at="adopted_at", units={"plan": "subject"}, fields=_same("type", "orsan")),
    "crisis_communications": Place(
        table=_COMMUNICATIONS, at="sent_at", units={"communication": "subject"}, fields=_same("to_professionals")
    ),
    "vaccination": Place(
        table=_VACCINATION,
        at="reported_at",
        units={"vaccinated": "campaign || ' ' || age_band", "inhabitant": "campaign || ' ' || age_band"},
        fields=_same("campaign", "age_band", "population_known"),
        weights={"vaccinated": "vaccinated", "inhabitant": "inhabitants"},
    ),
    "sessions": Place(
        table=_SESSIONS, at="starts_at", units={"session": "subject"}, fields=_same("kind", "topic", "theme")
    ),
    "attendances": Place(
        table=_ATTENDANCES,
        at="starts_at",
        units={"attendance": "subject || ' ' || line"},
        fields=_same("kind", "topic", "theme", "audience", "profession", "self_employed"),
        weights={"attendance": "people"},
    ),
    "answers": Place(
        table=_ANSWERS,
        at="answered_at",
        units={"answer": "subject::text", "score": "subject::text"},
        fields=_same("purpose", "respondent", "about", "topic", "session_kind", "scored"),
        weights={"score": "score"},
        sums={
            **dict.fromkeys(("purpose", "respondent", "about", "topic", "session_kind"), "text"),
            "scored": "boolean",
        },
    ),
    "enrolments": Place(table=_ENROLMENTS, at="started_at", units={"patient": "patient"}, fields=_same("template")),
    "steps_done": Place(
        table=_STEPS_DONE, at="told_at", units={"patient": "patient"}, fields=_same("template", "step")
    ),
    "sheets": Place(table=_SHEETS, at="published_at", units={"sheet": "subject"}, fields=_same("topic", "theme")),
    "visits": Place(
        table=_VISITS,
        at="visited_at",
        units={"visit": "subject || ' ' || place"},
        fields=_same("place"),
        weights={"visit": "visits"},
    ),
    "experts": Place(table=_EXPERTS, at="identified_at", units={"expert": "subject"}, fields=_same("role", "topic")),
    "stays": Place(
        table=_STAYS,
        at="arrived_at",
        units={"stay": "subject"},
        fields=_same("kind", "motive", "entry", "readmission"),
    ),
    "attested": Place(
        table=_ATTESTED,
        at="told_at",
        units={"professional": "subject"},
        fields=_same("statement", "profession"),
    ),
    "trainees": Place(
        table=_TRAINEES,
        at="starts_at",
        units={"trainee": "subject", "host": "host"},
        fields=_same("profession", "level"),
        kinds_of_unit={"host": "host IS NOT NULL"},
    ),
    "installations": Place(
        table=_INSTALLATIONS,
        at="opened_at",
        units={"installation": "subject"},
        fields=_same("profession", "commune", "department"),
    ),
    "advice": Place(
        table=_ADVICE,
        at="answered_at",
        units={"advice": "subject"},
        fields=_same("kind", "specialty", "in_time"),
    ),
}
