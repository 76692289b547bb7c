"""Rules of what leaves by webhook, and when what failed is tried again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from contracts.registry import EVENTS
from directory.domain.channels import Owner, OwnerKind
from directory.domain.deliveries import DeliveryRules
from directory.domain.messages import MessageKind
from directory.domain.webhooks import Relayed, RelayedEvents, Subscribed, covers
from directory.usecases.relay_event import relayed_types, short_name
from kit.territories import BadFileError

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KINDS: tuple[OwnerKind, ...] = ("partner", "rpps", "finess")
RULES = DeliveryRules(
    version="1", email_waits=(60,), webhook_waits=(5, 300), lane_waits=(2, 10), jitter=0.2, timeout_seconds=1,
    disable_after_hours=1, secret_overlap_hours=1, confirmation_hours=1, keep_days=1,
)  # fmt: skip


def test_waits_grow_spread_and_end() -> None:
    assert RULES.again_at(RULES.webhook_waits, 1, NOW, 0.5) == NOW + timedelta(seconds=5)
    assert RULES.again_at(RULES.webhook_waits, 2, NOW, 0.0) == NOW + timedelta(seconds=240)
    assert RULES.again_at(RULES.webhook_waits, 2, NOW, 1.0) == NOW + timedelta(seconds=360)
    assert RULES.again_at(RULES.webhook_waits, 3, NOW, 0.5) is None
    assert [RULES.rest(n, NOW, 0.5) - NOW for n in (1, 2, 9)] == [timedelta(seconds=it) for it in (2, 10, 10)]


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ("a.b.c", "a.b.c", True),
        ("a.b", "a.b.c", True),
        ("a", "a.b.c", True),
        ("a.b", "a.bc.d", False),
        ("a.b.c.d", "a.b.c", False),
        ("", "a.b.c", False),
    ],
)
def test_a_beginning_is_of_whole_words(asked: str, name: str, expected: bool) -> None:
    assert covers(asked, name) is expected


@pytest.mark.parametrize(
    ("owner", "scopes", "data", "expected"),
    [
        (Owner("partner", "X"), {"s"}, {}, True),
        (Owner("partner", "X"), set(), {}, False),
        (Owner("rpps", "1"), {"o"}, {"who": {"rpps": "1", "finess": None}}, True),
        (Owner("rpps", "1"), {"o"}, {"who": "1"}, True),
        (Owner("rpps", "1"), {"o"}, {"who": {"rpps": "2", "finess": None}}, False),
        (Owner("finess", "1"), {"o"}, {"who": {"rpps": "1", "finess": None}}, False),
        (Owner("rpps", "1"), {"s"}, {"who": {"rpps": "1", "finess": None}}, False),
        (Owner("rpps", "1"), {"o"}, {}, False),
        (Owner("rpps", "1"), {"o"}, {"who": ["2", "1"]}, True),
        (Owner("rpps", "1"), {"o"}, {"who": ("2", "11")}, False),
    ],
)
def test_who_is_told(owner: Owner, scopes: set[str], data: dict[str, object], expected: bool) -> None:
    rule = Relayed(scopes=frozenset({"s"}), own="who", own_scopes=frozenset({"o"}))
    relayed = RelayedEvents(version="1", events={"a.b.c": rule})
    assert relayed.concerns("a.b.c", data, Subscribed(owner, ["a"], scopes)) is expected
    assert relayed.concerns("a.b.other", data, Subscribed(owner, ["a"], scopes)) is False


@pytest.mark.parametrize("more", [{}, {"own": "who"}, {"own_scopes": ["o"]}])
def test_a_rule_by_which_nobody_is_told_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Relayed.model_validate(more)


def test_a_rule_without_scopes_tells_no_partner() -> None:
    rule = Relayed(own="who", own_scopes=frozenset({"o"}))
    relayed = RelayedEvents(version="1", events={"a.b.c": rule})
    told = {kind: relayed.concerns("a.b.c", {"who": "1"}, Subscribed(Owner(kind, "1"), ["a"], {"o"})) for kind in KINDS}
    assert told == {"partner": False, "rpps": True, "finess": True}


@pytest.mark.parametrize("rule", [{"no.such.event": {}}, {"indicators.rebuild.completed": {"removed": ["name"]}}])
def test_a_rule_about_nothing_is_refused(rule: dict[str, dict[str, object]]) -> None:
    events = {name: Relayed.model_validate({"scopes": [], **it}) for name, it in rule.items()}
    with pytest.raises(BadFileError):
        relayed_types(RelayedEvents(version="1", events=events))


@pytest.mark.parametrize(
    ("name", "error"), [("no.such.event", BadFileError), ("indicators.rebuild.completed", ValidationError)]
)
def test_what_is_withheld_is_an_event_that_is_not_relayed(name: str, error: type[Exception]) -> None:
    events = {"indicators.rebuild.completed": {"scopes": []}}
    with pytest.raises(error):
        relayed_types(
            RelayedEvents.model_validate({"version": "1", "events": events, "withheld": {name: "Told to nobody"}})
        )


@pytest.fixture
def relayed(deploy_dir: Path) -> RelayedEvents:
    """The rules of the deployment."""
    content = yaml.safe_load((deploy_dir / "reference" / "relayed-events.yaml").read_text(encoding="utf-8"))
    return RelayedEvents.model_validate(content)


def test_every_event_is_relayed_or_withheld_with_its_reason(relayed: RelayedEvents) -> None:
    """Somebody who adds an event decides: a rule under `events`, or a line under `withheld`."""
    decided = relayed.events.keys() | relayed.withheld.keys()
    assert sorted({short_name(kind) for kind in EVENTS} - decided) == []


def test_no_pseudonym_of_a_patient_leaves_and_no_national_event(relayed: RelayedEvents) -> None:
    kept = {kind for kind in EVENTS if short_name(kind) in relayed.events}
    for kind in kept:
        if "patient_ref" in kind.payload.model_fields:
            assert "patient_ref" in relayed.events[short_name(kind)].removed, kind.name
    national = {"directory.professional.updated", "directory.structure.updated", "directory.import.completed"}
    assert national <= relayed.withheld.keys()


def test_rules_speak_of_scopes_that_somebody_may_have(relayed: RelayedEvents, deploy_dir: Path) -> None:
    roles = yaml.safe_load((deploy_dir / "roles.yaml").read_text(encoding="utf-8"))["roles"].values()
    known = {scope for role in roles for scope in role["scopes"]}
    asked = {scope for rule in relayed.events.values() for scope in (rule.scopes or set()) | (rule.own_scopes or set())}
    assert asked <= known


ALARMS = ("raised", "escalated", "acknowledged", "closed")


def test_who_may_not_see_a_patient_hears_nothing_of_an_alarm_that_leads_to_them(
    relayed: RelayedEvents, deploy_dir: Path
) -> None:
    """A system of a coordinator, who keeps on-call orders, hears of escalations alone, without pathway and alert."""
    roles = yaml.safe_load((deploy_dir / "roles.yaml").read_text(encoding="utf-8"))["roles"]
    desk = Subscribed(Owner("partner", "CPTS"), ["pathways"], roles["coordinator"]["scopes"])
    asked = Subscribed(Owner("rpps", "99000000016"), ["pathways"], roles["practitioner"]["scopes"])
    told, to_asked = dict[str, set[str]](), set[str]()
    for verb in ALARMS:
        name = f"pathways.alarm.{verb}"
        (kind,) = (it for it in EVENTS if short_name(it) == name)
        data = dict.fromkeys(kind.payload.model_fields, "x") | {"rpps": asked.owner.id}
        if relayed.concerns(name, data, desk):
            told[verb] = set(relayed.told(name, {"data": data}, thin=False)["data"])
        to_asked |= {verb} if relayed.concerns(name, data, asked) else set()
    assert told == {"escalated": {"alarm_id", "turn", "rpps", "reason"}}
    assert to_asked == {"raised", "escalated"}


@pytest.mark.parametrize("text", ["{{ patient }}", "{{ unclosed"])
def test_a_text_with_a_foreign_variable_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValidationError):
        MessageKind(kind="some_kind", version="1", purpose=None, variables=("name",), subject="x", text=text)
