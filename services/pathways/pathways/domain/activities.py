"""What a territory does together, as data: kinds of sessions, topics with their themes, kinds of campaigns."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Label = Annotated[str, Field(min_length=1, max_length=120)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SessionKind(_Part):
    """A kind of session. `certificate`: who took part may have a certificate (*attestation de présence*)."""

    label: Label
    certificate: bool = False


class Topic(_Part):
    """What sessions, surveys and sheets are about; `templates` are the pathways of it."""

    label: Label
    templates: tuple[Code, ...] = ()


class Theme(_Part):
    """A narrower subject (*thématique*) within a topic."""

    label: Label
    topic: Code


class CampaignKind(_Part):
    """A kind of prevention campaign. `counted_elsewhere`: who took part is counted by another service."""

    label: Label
    counted_elsewhere: bool = False


class Activities(_Part):
    """The words of a deployment (`deploy/reference/activities.yaml`), and what a territory adds or says anew."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    session_kinds: dict[Code, SessionKind] = {}
    topics: dict[Code, Topic] = {}
    themes: dict[Code, Theme] = {}
    campaign_kinds: dict[Code, CampaignKind] = {}

    def with_own(self, own: "Activities") -> "Activities":
        """These words with those of a territory, which come first; their versions are told together."""
        return Activities(
            version=f"{self.version}+{own.version}",
            session_kinds=self.session_kinds | own.session_kinds,
            topics=self.topics | own.topics,
            themes=self.themes | own.themes,
            campaign_kinds=self.campaign_kinds | own.campaign_kinds,
        )

    def topic_of(self, template: str) -> str | None:
        """The topic of a pathway, None when no topic names it."""
        return next((code for code, topic in self.topics.items() if template in topic.templates), None)


class WholeActivities(Activities):
    """Words that refer to each other: those of a deployment, or of a territory with its own."""

    @model_validator(mode="after")
    def _themes_have_topics(self) -> Self:
        lost = [code for code, theme in self.themes.items() if theme.topic not in self.topics]
        if lost:
            raise ValueError(f"themes.{lost[0]}.topic: no topic {self.themes[lost[0]].topic!r}")
        named = [template for topic in self.topics.values() for template in topic.templates]
        if twice := sorted({it for it in named if named.count(it) > 1}):
            raise ValueError(f"topics: two name the pathway {twice[0]!r}")
        return self
