"""Facts that came after their period was submitted or approved."""

from collections.abc import Sequence

from indicators.domain.lateness import CORRECTS, Moment
from kit.work import Record, Work

# Facts of this transaction arrive now; one that was known before is not late again. A moment that a fact does not name
# is that of its slot, its call, or of what it corrects.
_NOTE = """
WITH told AS (
    SELECT fact.territory, fact.event_id, fact.kind, fact.type, fact.subject, fact.slot_id, fact.call_id,
           fact.occurred_at, told.at, told.corrects
    FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[])
         AS told(event_id, occurred_at, at, corrects)
    JOIN fact ON fact.event_id = told.event_id AND fact.occurred_at = told.occurred_at AND fact.arrived_at = $5
), placed AS (
    SELECT territory, event_id, kind, type, occurred_at, at FROM told WHERE at IS NOT NULL
    UNION ALL
    SELECT told.territory, event_id, kind, type, occurred_at, elsewhere.at
    FROM told CROSS JOIN LATERAL (
        SELECT starts_at FROM slot_fact AS slot WHERE slot.territory = told.territory AND slot.slot_id = told.slot_id
        UNION ALL
        SELECT received_at FROM call_fact AS call WHERE call.territory = told.territory AND call.call_id = told.call_id
        UNION ALL
        SELECT coalesce((dimensions ->> 'starts_at')::timestamptz,
                        (dimensions ->> 'arrived_on')::date::timestamp AT TIME ZONE 'Europe/Paris',
                        corrected.occurred_at)
        FROM fact AS corrected
        WHERE corrected.territory = told.territory AND corrected.kind = told.corrects
          AND corrected.subject = told.subject AND corrected.event_id <> told.event_id
    ) AS elsewhere(at)
    WHERE told.at IS NULL
), kept AS (
    INSERT INTO late_fact (territory, period_id, event_id, number, kind, type, occurred_at, arrived_at)
    SELECT DISTINCT placed.territory, period_id, event_id, approvals, kind, type, occurred_at, $5::timestamptz
    FROM placed JOIN reporting_period AS period
      ON period.territory = placed.territory AND period.state <> 'open'
     AND placed.at >= period.starts_at AND placed.at < period.ends_at
    ON CONFLICT DO NOTHING
    RETURNING territory, period_id
), counted AS (
    SELECT territory, period_id, count(*)::int AS facts FROM kept GROUP BY territory, period_id
), marked AS (
    UPDATE reporting_period AS period SET
        state = CASE state WHEN 'submitted' THEN 'open' ELSE state END,
        late_facts = CASE state WHEN 'submitted' THEN 0 ELSE late_facts + facts END,
        late_newest = CASE state WHEN 'submitted' THEN NULL ELSE $5::timestamptz END,
        version = version + CASE WHEN late_facts = 0 THEN 1 ELSE 0 END
    FROM counted WHERE period.territory = counted.territory AND period.period_id = counted.period_id
    RETURNING period.territory, period.period_id, version, state, facts, late_facts
)
INSERT INTO period_event (territory, period_id, version, verb, state, at, facts)
SELECT territory, period_id, version, 'late_data', state, $5, facts FROM marked WHERE late_facts IN (0, facts)
"""
_SINCE = """
SELECT event_id, kind, type, occurred_at, arrived_at FROM late_fact
WHERE territory = $1 AND period_id = $2 AND number = $3 ORDER BY arrived_at DESC, event_id LIMIT $4
"""


async def note(work: Work, moments: Sequence[Moment]) -> None:
    """Marks the periods into which facts of this transaction fall, in one statement; the caller holds their lock.

    A submitted period is open again, an approved or locked one has late data. The history tells the first of them.
    """
    rows = [(it.fact.event_id, it.fact.occurred_at, it.at, CORRECTS.get(it.fact.kind)) for it in moments]
    await work.execute(_NOTE, *(list(column) for column in zip(*rows, strict=True)), work.now)


async def since(work: Work, period_id: str, number: int, limit: int) -> list[Record]:
    """Facts of the period that came after its `number`th approval, the newest first."""
    return await work.fetch(_SINCE, work.territory, period_id, number, limit)
