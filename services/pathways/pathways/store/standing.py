"""How a caller stands to a patient, in one statement; and the same for lists, as a condition."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_CURRENT = "m.starts_at <= {now} AND (m.ends_at IS NULL OR m.ends_at > {now})"
_STANDING = f"""
SELECT p.id, p.erased_at, p.merged_into, p.restricted_at,
  EXISTS (SELECT FROM objection o WHERE o.patient_id = p.id AND o.withdrawn_at IS NULL
          AND (o.against = 'everybody' AND NOT $6::boolean OR o.against = ANY($2)
               OR o.against LIKE 'role:%' AND substr(o.against, 6) = ANY(mine.roles))) AS objected,
  mine.roles, mine.bases,
  (SELECT CASE WHEN bool_or(c.withdrawn_at IS NULL) THEN 'given' WHEN count(*) > 0 THEN 'withdrawn' ELSE 'unasked' END
   FROM consent c WHERE c.patient_id = p.id AND c.purpose = ANY($4)
     AND ($3::uuid IS NULL OR c.enrolment_id IS NULL OR c.enrolment_id = $3)) AS sharing
FROM patient p
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(m.role ORDER BY m.id), '{{}}') AS roles,
         coalesce(array_agg(m.basis ORDER BY m.id), '{{}}') AS bases
  FROM team_member m WHERE m.patient_id = p.id AND m.person = ANY($2)
    AND (m.enrolment_id IS NULL OR $3::uuid IS NULL OR m.enrolment_id = $3) AND {_CURRENT.format(now="$5")}
) mine
WHERE p.id = $1
"""
# An entry that is put aside is not used, and one who objects to everybody is not told of to anybody.
_TOLD_OF = """
SELECT EXISTS (SELECT FROM enrolment e WHERE e.territory = $1 AND e.patient_id = $2 AND e.state IN ('active', 'paused'))
   AND NOT EXISTS (SELECT FROM patient p WHERE p.id = $2
                   AND (p.restricted_at IS NOT NULL OR p.erasure_reason IS NOT NULL))
   AND NOT EXISTS (SELECT FROM objection o WHERE o.patient_id = $2 AND o.against = 'everybody'
                   AND o.withdrawn_at IS NULL)
"""


async def find(
    work: Work, patient_id: UUID, enrolment_id: UUID | None, people: list[str], purposes: list[str], *, organises: bool
) -> Record | None:
    """None when there is no such patient on the territory. `people` are the names of the caller.

    An objection to everybody means who cares: whoever `organises` keeps the record of it.
    """
    return await work.fetchrow(_STANDING, patient_id, people, enrolment_id, purposes, work.now, organises)


async def may_be_told_of(work: Work, patient_id: UUID) -> bool:
    """Whether what a hospital or a platform tells of the patient is taken up: on a pathway, no objection to all."""
    return bool(await work.fetchval(_TOLD_OF, work.territory, patient_id))


@dataclass(frozen=True)
class Sight:
    """What of the territory's enrolments a caller may see in a list: those of their own care teams, or all but a few.

    `patient_id` narrows it to one patient.
    `shared` are the roles that may read while consent stands (or by law), `emergency` says whether a broken glass does.
    """

    everything: bool
    people: list[str]
    shared: list[str]
    emergency: bool
    purposes: list[str]
    now: datetime
    patient_id: UUID | None = None

    def condition(self, first: int, *, enrolment: str = "enrolment.id") -> str:
        """A condition of a WHERE clause; its parameters are `args`, numbered from `first`."""
        return self.within(self.named(first), enrolment)

    def named(self, first: int) -> str:
        """The array that `within` compares with; for statements that ask several times, and compute it once."""
        return self._hidden(first) if self.everything else self.own(first)

    def within(self, named: str, enrolment: str) -> str:
        """The condition, over the array."""
        return f"{'NOT ' if self.everything else ''}{enrolment} = ANY({named})"

    def _hidden(self, first: int) -> str:
        """Enrolments that whoever sees all of them does not: put aside, or of a patient who objects to this person."""
        return f"""ARRAY(
  SELECT e.id FROM patient p JOIN enrolment e ON e.patient_id = p.id WHERE p.restricted_at IS NOT NULL
  UNION ALL SELECT e.id FROM objection o JOIN enrolment e ON e.patient_id = o.patient_id
  WHERE o.withdrawn_at IS NULL AND o.against = ANY(${first}))"""

    def own(self, first: int) -> str:
        """Enrolments of the caller's own care teams: an array, computed once.

        As a semi-join the planner walks the whole list and asks for each row.
        """
        people, shared, emergency, purposes, now = (f"${number}" for number in range(first, first + 5))
        of_patient = f" AND m.patient_id = ${first + 5}" if self.patient_id else ""
        return f"""ARRAY(
  SELECT e.id FROM team_member m JOIN enrolment e ON e.patient_id = m.patient_id
  JOIN patient p ON p.id = e.patient_id AND p.restricted_at IS NULL
  WHERE m.person = ANY({people}){of_patient} AND (m.enrolment_id IS NULL OR m.enrolment_id = e.id)
    AND {_CURRENT.format(now=now)}
    AND ((m.basis = 'emergency' AND {emergency}::boolean)
      OR (m.role = ANY({shared}) AND (m.basis = 'care_team' OR m.basis = 'consent' AND EXISTS (
            SELECT FROM consent c WHERE c.patient_id = e.patient_id AND c.withdrawn_at IS NULL
              AND c.purpose = ANY({purposes}) AND (c.enrolment_id IS NULL OR c.enrolment_id = e.id)))))
    AND NOT EXISTS (SELECT FROM objection o WHERE o.patient_id = e.patient_id AND o.withdrawn_at IS NULL
          AND (o.against = 'everybody' OR o.against = ANY({people}) OR o.against = 'role:' || m.role)))"""

    @property
    def args(self) -> tuple[object, ...]:
        """Values of the parameters of `condition`, in order."""
        if self.everything:
            return (self.people,)
        one = (self.patient_id,) if self.patient_id else ()
        return (self.people, self.shared, self.emergency, self.purposes, self.now, *one)
