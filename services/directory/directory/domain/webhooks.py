"""Webhooks: what a recipient may be told, and what of an event reaches them."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from directory.domain.channels import Owner

TEST_TYPE = "fr.cpts.directory.webhook.test.v1"
MESSAGE_TYPE = "fr.cpts.directory.message.v1"
_THIN = ("specversion", "id", "source", "type")


class Subscribed(NamedTuple):
    """Who asked for what, with the scopes of who subscribed it."""

    owner: Owner
    events: Collection[str]
    scopes: Collection[str]


class Relayed(BaseModel):
    """Who may be told of one type of event. What no rule names is told to nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scopes: frozenset[str] | None = None
    """All of them are held by who subscribes a partner's system, which is told of the whole territory; None: no partner
    is told, only whom `own` names."""
    own: str | None = None
    """Field that names the effector or several: who has a number is told only of what names them, or of nothing."""
    own_scopes: frozenset[str] | None = None
    """Instead of `scopes` for a professional or structure, who sees only their own."""
    removed: tuple[str, ...] = ()
    """Fields that leave with nobody."""

    @model_validator(mode="after")
    def _to_somebody(self) -> Self:
        if self.scopes is None and (self.own is None or self.own_scopes is None):
            raise ValueError("without `scopes`, `own` and `own_scopes` say who is told")
        return self


class RelayedEvents(BaseModel):
    """`deploy/reference/relayed-events.yaml`: rules by name `<owner>.<entity>.<verb>`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    events: Mapping[str, Relayed]
    withheld: Mapping[str, Annotated[str, Field(min_length=10, max_length=300)]] = {}
    """Why the others leave with nobody."""

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if both := self.events.keys() & self.withheld.keys():
            raise ValueError(f"relayed and withheld: {', '.join(sorted(both))}")
        return self

    def allowed(self, owner: Owner, scopes: Collection[str]) -> list[str]:
        """Names of the events that this owner may be told of, subscribed by who holds these scopes."""
        return sorted(name for name, rule in self.events.items() if _may(rule, owner, scopes))

    def concerns(self, name: str, data: Mapping[str, Any], subscription: "Subscribed") -> bool:
        """Whether an event goes to a subscription."""
        rule, owner = self.events.get(name), subscription.owner
        asked = any(covers(it, name) for it in subscription.events)
        if rule is None or not asked or not _may(rule, owner, subscription.scopes):
            return False
        return owner.kind == "partner" or _names(data.get(rule.own or ""), owner)

    def told(self, name: str, event: Mapping[str, Any], *, thin: bool) -> dict[str, Any]:
        """What of an event leaves: its envelope without the removed fields, or only what identifies it."""
        if thin:
            return {key: event[key] for key in _THIN}
        removed = self.events[name].removed
        return {**event, "data": {key: value for key, value in event["data"].items() if key not in removed}}


def covers(asked: str, name: str) -> bool:
    """Whether a name or a beginning of one (`snp-dispatch.booking`) asks for this event."""
    return name == asked or name.startswith(asked + ".")


def _may(rule: Relayed, owner: Owner, scopes: Collection[str]) -> bool:
    if owner.kind == "partner":
        return rule.scopes is not None and rule.scopes <= set(scopes)
    needed = rule.scopes if rule.own_scopes is None else rule.own_scopes
    return rule.own is not None and needed is not None and needed <= set(scopes)


def _names(value: Any, owner: Owner) -> bool:
    """Whether a field names the owner: a number, several, or an effector with `rpps` or `finess`."""
    if isinstance(value, list | tuple):
        return any(_names(it, owner) for it in value)
    if isinstance(value, Mapping):
        return bool(value.get(owner.kind) == owner.id)
    return bool(value == owner.id)
