"""How figures read in French, in tables for people."""

from datetime import timedelta

from indicators.domain.periods import Period
from indicators.domain.report import Number, Report, Row

UNITS = {"count": "nombre", "percent": "%", "score": "score sur 100"}
ORIGINS = {"events": "calculé", "imported": "importé", "manual": "saisi à la main"}
EXPECTED = {"up": "hausse", "down": "baisse", "stable": "stable"}
JUDGED = {"reached": "atteinte", "not_reached": "non atteinte", "too_early": "trop tôt"}
GAPS = {
    "period_open": "période en cours",
    "slot_unpublished": "créneau sans publication",
    "call_unreceived": "appel non reçu",
    "no_source": "pas de source",
}
_AREAS = {"france": "France", "bretagne": "Bretagne", "pays-de-la-loire": "Pays de la Loire"}
_WORDS = {"no_source": "pas de source", "undefined": "sans objet", "masked": "masqué"}
_KINDS = {"quarter": "trimestre", "half_year": "semestre", "year": "année", "campaign": "campagne"}


def number(value: Number | None, unit: str = "count") -> str:
    """With a decimal comma, its thousands apart; empty where nothing is known."""
    if value is None:
        return ""
    whole = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return whole.replace(",", "\u00a0").replace(".", ",") + ("\u00a0%" if unit == "percent" else "")


def figure(row: Row) -> str:
    """The value, or the word that says why there is none; never a zero that was not counted."""
    if row.value is None:
        return _WORDS["masked" if row.masked else row.status if row.status in _WORDS else "no_source"]
    return number(row.value, row.indicator.unit)


def origin(row: Row) -> str:
    """Who says it, as a word."""
    return ORIGINS.get(row.origin or "", "")


def remarks(row: Row) -> str:
    """Why the figure may still change, and that it was not counted from events."""
    said = [GAPS.get(it, it) for it in row.gaps if it != "no_source"]
    if row.origin in ("imported", "manual"):
        said.insert(0, ORIGINS[row.origin])
    return ", ".join(said)


def elsewhere(row: Row) -> str:
    """The reference areas, one a line."""
    return "\n".join(f"{area(it.area)}\u00a0: {number(it.value, row.indicator.unit)}" for it in row.elsewhere)


def area(slug: str) -> str:
    """The name of a region or of France."""
    return _AREAS.get(slug, slug.replace("-", " ").capitalize())


def period(one: Period) -> str:
    """Its id, what it is called and its dates, the last day included."""
    last = one.end - timedelta(hours=12)
    kind = one.campaign.label_fr if one.campaign else _KINDS[one.kind]
    return f"{one.id} ({kind} du {one.start:%d/%m/%Y} au {last:%d/%m/%Y})"


def subtitle(report: Report) -> str:
    """Whose report it is, of what, for whom and when it was written."""
    zone = report.period.start.tzinfo
    said = [report.territory_name, f"Période\u00a0: {period(report.period)}"]
    if report.recipient:
        said.append(f"Destinataire\u00a0: {report.recipient}")
    said.append(
        f"Établi le {report.written_at.astimezone(zone):%d/%m/%Y à %H:%M}, catalogue v{report.catalogue_version}"
    )
    return "\n".join(said)
