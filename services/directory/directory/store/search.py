"""Searching professionals: which persons, in which order.

Two ways to the same answer. From the places: short ranges of the index of `search_entry`, place by
place, the nearest first, until the page is full. From the persons, where few can match (a name in the
whole country, a misspelt one, those who take part in SNP): these first, then their places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from directory.domain.as_of import paris_day
from directory.domain.facets import ANYWHERE, facet
from directory.store.communes import Around
from directory.store.name_words import IN_A_NAME, Words
from directory.store.professionals import COLUMNS, PARTICIPATION
from directory.store.query import Query
from directory.store.statements import attests
from kit.work import Record, Work


@dataclass(frozen=True)
class Wanted:
    """Filters of a search; None asks nothing. `communes` narrows to places, `around` also ranks them.

    `name` is normalised. `words` are those that each word of it stands for, where they were looked up: the words that
    begin with it, or with `similar` those that only look like it. `common`: so many persons have it that a page is
    full soon when everybody is gone through in order.
    `capabilities` are kinds of statements that hold on the territory, with a code or with any but "no".
    `accepts`: said, and still holding, that new patients are accepted, or are not.
    """

    profession: str | None = None
    specialty: str | None = None
    communes: Sequence[str] | None = None
    around: Around | None = None
    name: str | None = None
    similar: bool = False
    common: bool = False
    snp: bool | None = None
    words: Sequence[Words] = ()
    capabilities: Sequence[tuple[str, str | None]] = ()
    accepts: bool | None = None
    mode: str | None = None
    sector: str | None = None

    @property
    def placed(self) -> bool:
        return self.communes is not None or self.around is not None

    @property
    def plain(self) -> bool:
        """Whether places and one facet are all that is asked: `search_entry` alone knows who is meant."""
        asked = (self.name, self.snp, self.accepts, self.mode, self.sector, self.profession and self.specialty)
        return not self.capabilities and all(it is None for it in asked)

    @property
    def facet(self) -> str:
        return facet(self.profession, self.specialty)

    @property
    def few(self) -> bool:
        """Whether it is better to begin with the persons."""
        attested = bool(self.snp or self.capabilities or self.accepts is not None)
        rare = self.name is not None and not self.placed and not self.common
        return attested or self.similar or rare

    @property
    def order(self) -> list[str]:
        return ["metres"] * (self.around is not None) + ["search_name", "rpps"]


async def search(work: Work, wanted: Wanted, after: Sequence[object] | None, limit: int) -> list[Record]:
    """Listed professionals, the nearest first when there is a point, else by name. `metres` is their nearest place."""
    statement = Statement(wanted, (work.territory, work.now), after, limit)
    return await work.fetch(statement.sql(), *statement.query.args)


class Statement:
    """One search as SQL."""

    def __init__(
        self,
        wanted: Wanted,
        here: tuple[str, datetime],
        after: Sequence[object] | None,
        limit: int,
        *,
        ordered: bool = True,
    ) -> None:
        self.query = Query()
        self._wanted, self._after, self._limit, self._ordered = wanted, after, limit, ordered
        self._territory, self._now = here

    def sql(self) -> str:
        order = self._wanted.order
        return (
            f"WITH {self.hits()} "
            f"SELECT {COLUMNS}, p.search_name, hit.metres, coalesce(t.participates, false) AS participates "
            f"FROM hit JOIN professional p USING (rpps) {self.query.bind(PARTICIPATION, self._territory)} "
            f"ORDER BY {', '.join(f'hit.{column}' for column in order)}"
        )

    def hits(self) -> str:
        """The common tables up to `hit`: the persons of a page."""
        wanted = self._wanted
        return ", ".join(self.near() + (self._from_persons() if wanted.few else [f"hit AS ({self._from_places()})"]))

    def near(self) -> list[str]:
        """The common table of the communes around, if that is asked."""
        return [f"near AS MATERIALIZED ({self._near(self._wanted.around)})"] if self._wanted.around else []

    def _near(self, around: Around) -> str:
        among = self.query.bind("WHERE insee = ANY(?)", self.communes) if self._wanted.communes is not None else ""
        return f"SELECT insee, metres FROM ({self.query.near(*around)}) n {among} ORDER BY metres, insee"

    def _from_places(self) -> str:
        """Each place gives at most a page, in order; the pages are merged."""
        keys = ["n.metres"] * (self._wanted.around is not None) + ["s.search_name", "s.rpps"]
        conditions = [
            "s.place = n.insee",
            self.query.bind("s.facet = ?", self._wanted.facet),
            *self._entry_conditions(),
        ]
        conditions += self._beyond(keys)
        each = self._page(f"SELECT s.search_name, s.rpps FROM search_entry s WHERE {' AND '.join(conditions)}", "1, 2")
        if not self._ordered:
            return self._page(f"SELECT DISTINCT e.rpps FROM {self.places()} CROSS JOIN LATERAL ({each}) e", "")
        if self._wanted.around:
            merged = f"SELECT e.rpps, e.search_name, n.metres FROM near n CROSS JOIN LATERAL ({each}) e"
            return self._page(merged, "n.metres, e.search_name, e.rpps")
        merged = f"SELECT DISTINCT e.rpps, e.search_name, NULL::integer AS metres FROM {self.places()}"
        return self._page(f"{merged} CROSS JOIN LATERAL ({each}) e", "e.search_name, e.rpps")

    def _entry_conditions(self) -> list[str]:
        wanted, conditions = self._wanted, []
        if wanted.profession and wanted.specialty:
            has = self.query.bind("p.professions @> ARRAY[?]::text[]", wanted.profession)
            conditions.append(f"EXISTS (SELECT FROM professional p WHERE p.rpps = s.rpps AND {has})")
        if wanted.name:
            conditions += self.query.words("s.search_name", wanted.name)
        if wanted.snp is False:
            conditions.append(f"NOT EXISTS (SELECT FROM participation x WHERE {self._takes_part('s')})")
        conditions += self._practises("s.rpps", "(s.place = '' OR a.commune = s.place)")
        if wanted.around and self._ordered:
            conditions.append(f"NOT EXISTS ({self._nearer(wanted.around)})")
        return conditions

    def places(self) -> str:
        """The places in question, as a table n (insee)."""
        return "near n" if self._wanted.around else self.query.bind("unnest(?::text[]) n(insee)", self.communes)

    def _nearer(self, around: Around) -> str:
        """A nearer place of the same person: someone with two places inside the radius counts at the nearer one.

        The distance is worked out again for the few places of one person; the list of those near has no index.
        """
        metres = self.query.metres("m", around.latitude, around.longitude)
        among = ""
        if self._wanted.communes is not None:
            among = self.query.bind(" AND o.place = ANY(?)", self.communes)
        return (
            "SELECT FROM search_entry o JOIN commune m ON m.insee = o.place WHERE o.rpps = s.rpps "
            f"AND o.facet = s.facet AND o.place <> s.place AND ({metres}, m.insee) < (n.metres, n.insee){among}"
        )

    def _from_persons(self) -> list[str]:
        """The persons are found first: without that, the planner reads every entry of the places."""
        candidates = f"SELECT p.rpps, p.search_name FROM professional p WHERE {' AND '.join(self._person_conditions())}"
        order = self._wanted.order
        beyond = " AND ".join(["true", *self._beyond(order)])
        hits = self._page(f"SELECT * FROM ({self._candidates_at_places()}) c WHERE {beyond}", ", ".join(order))
        return [f"candidate AS MATERIALIZED ({candidates})", f"hit AS ({hits})"]

    def _candidates_at_places(self) -> str:
        wanted = self._wanted
        if not wanted.placed:
            return "SELECT rpps, search_name, NULL::integer AS metres FROM candidate"
        metres, near = "NULL::integer", ""
        conditions = [self.query.bind("s.facet = ?", self._wanted.facet)]
        conditions += self._practises("c.rpps", "a.commune = s.place")
        if wanted.around:
            metres, near = "min(n.metres)", "JOIN near n ON n.insee = s.place"
        else:
            conditions.append(self.query.bind("s.place = ANY(?)", self.communes))
        return (
            f"SELECT c.rpps, c.search_name, {metres} AS metres "
            f"FROM candidate c JOIN search_entry s USING (rpps) {near} WHERE {' AND '.join(conditions)} GROUP BY 1, 2"
        )

    def _person_conditions(self) -> list[str]:
        wanted, conditions = self._wanted, ["p.listed"]
        conditions += self._named()
        if wanted.profession:
            conditions.append(self.query.bind("p.professions @> ARRAY[?]::text[]", wanted.profession))
        if wanted.specialty:
            conditions.append(self.query.bind("p.specialties @> ARRAY[?]::text[]", wanted.specialty))
        if wanted.snp is not None:
            taken = f"EXISTS (SELECT FROM participation x WHERE {self._takes_part('p')})"
            conditions.append(taken if wanted.snp else f"NOT {taken}")
        conditions += self._practises("p.rpps", "true")
        return conditions + self._attested()

    def _named(self) -> list[str]:
        """By the index of the words of names, where the words are known and few; else by reading the names."""
        typed = (self._wanted.name or "").split()
        found: list[str] = []
        for word, words in zip_longest(typed, self._wanted.words):
            if words is None:
                found += self.query.words("p.search_name", word)
            else:
                found.append(self.query.bind(f"{IN_A_NAME} && ?::text[]", words))
        return found

    def _attested(self) -> list[str]:
        """What must hold of a person on the territory, by what it attests."""
        here = (self._territory, self._now)
        conditions = [attests(self.query, *here, "p.rpps", it) for it in self._wanted.capabilities]
        if self._wanted.accepts is not None:
            told = (self._territory, self._wanted.accepts, paris_day(self._now))
            said = self.query.bind("x.territory = ? AND x.accepts = ? AND x.valid_until >= ?", *told)
            conditions.append(f"EXISTS (SELECT FROM acceptance x WHERE {said} AND x.rpps = p.rpps)")
        return conditions

    def _practises(self, person: str, there: str) -> list[str]:
        """Has an activity of this mode and sector, at the place in question."""
        asked = [("a.mode = ?", self._wanted.mode), ("a.sector = ?", self._wanted.sector)]
        such = [self.query.bind(sql, value) for sql, value in asked if value is not None]
        if not such:
            return []
        return [f"EXISTS (SELECT FROM activity a WHERE {' AND '.join([f'a.rpps = {person}', there, *such])})"]

    def _takes_part(self, who: str) -> str:
        return self.query.bind("x.territory = ?", self._territory) + f" AND x.rpps = {who}.rpps AND x.participates"

    @property
    def communes(self) -> list[str]:
        return [ANYWHERE] if self._wanted.communes is None else list(self._wanted.communes)

    def _beyond(self, keys: Sequence[str]) -> list[str]:
        if not self._after:
            return []
        marks = ", ".join("?" for _ in keys)
        return [self.query.bind(f"({', '.join(keys)}) > ({marks})", *self._after)]

    def _page(self, sql: str, order: str) -> str:
        """The first rows; any rows where only their number matters: then nothing is sorted to throw it away."""
        by = f" ORDER BY {order}" if self._ordered else ""
        return self.query.bind(f"{sql}{by} LIMIT ?", self._limit)
