"""Schedules of exports as data: who is owed which report, when, in which formats, and where it goes.

`deploy/territories/<slug>/exports.yaml`. Recipients are organisations, never persons. Secrets and addresses are named
by the environment variable that holds them, never written in a file.
"""

from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from indicators.domain.campaigns import CampaignName
from indicators.domain.zones import ZoneName

What = Literal["quarterly_dashboard", "half_yearly_report", "annual_report", "campaign_report"]
"""Tableau de bord trimestriel, rapport semestriel, rapport annuel, bilan de campagne."""
FormatName = Literal["csv", "xlsx", "pdf", "json", "parquet", "dhis2", "adx", "fhir"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]
"""Name of an environment variable of the worker."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,50}$")]
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
ONCE_A_DAY = r"^[0-9]{1,2} [0-9]{1,2} \S+ \S+ \S+$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Download(_Part):
    """Kept here until it is fetched. The receipt is the first download."""

    kind: Literal["download"]


class Folder(_Part):
    """A folder of the worker's machine, below `INDICATORS_EXPORTS_DIR`."""

    kind: Literal["folder"]
    path: str

    @field_validator("path")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        return relative(path)


class Sftp(_Part):
    """A folder of an SFTP server, which is known by its public key (one line, as in `known_hosts`)."""

    kind: Literal["sftp"]
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(default=22, ge=1, le=65535)
    user: str = Field(min_length=1, max_length=64)
    path: str
    host_key: str = Field(min_length=20)
    password_env: EnvName | None = None
    private_key_env: EnvName | None = None

    @field_validator("path")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        return relative(path)

    @model_validator(mode="after")
    def _has_one_secret(self) -> "Sftp":
        if (self.password_env is None) is (self.private_key_env is None):
            raise ValueError("name either password_env or private_key_env")
        return self


class ObjectStore(_Part):
    """A bucket of an S3-compatible store."""

    kind: Literal["s3"]
    endpoint: str = Field(pattern=r"^https?://[^/\s]+$")
    region: str = Field(default="fr-par", min_length=1, max_length=50)
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{2,62}$")
    prefix: str = "exports"
    access_key_env: EnvName
    secret_key_env: EnvName

    @field_validator("prefix")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        return relative(path)


class Webhook(_Part):
    """One signed POST (Standard Webhooks) that names the files, where to fetch them and their digests."""

    kind: Literal["webhook"]
    url_env: EnvName
    secret_env: EnvName


class Email(_Part):
    """A message with a link and no attachment. The address is in the environment."""

    kind: Literal["email"]
    to_env: EnvName


Destination = Annotated[Download | Folder | Sftp | ObjectStore | Webhook | Email, Field(discriminator="kind")]


class Dhis2Codes(_Part):
    """How the DHIS2 or ADX receiver calls our territory and the data set; data elements are the indicators' ids."""

    org_unit: Code
    data_set: Code


class Schedule(_Part):
    """What one organisation is owed. `when` is a cron line of at most once a day, in the time of the territory.

    `inside`: the CPTS's own office, which also gets figures that nobody has approved yet. Others wait for the approval.
    """

    id: Slug
    recipient: str = Field(min_length=2, max_length=200)
    inside: bool = False
    what: What
    when: str = Field(pattern=ONCE_A_DAY)
    starts: date
    """First day on which it may fall due: nothing is owed for before."""
    formats: tuple[FormatName, ...] = Field(min_length=1)
    destination: Destination
    campaign: CampaignName | None = None
    codes: Dhis2Codes | None = None

    @field_validator("when")
    @classmethod
    def _falls_due(cls, when: str) -> str:
        try:
            next(CronSim(when, _SOME_DAY))
        except (CronSimError, StopIteration):
            raise ValueError(f"{when!r} is no cron line, or never falls due") from None
        return when

    @model_validator(mode="after")
    def _is_whole(self) -> "Schedule":
        if (self.what == "campaign_report") is not (self.campaign is not None):
            raise ValueError("a campaign_report, and nothing else, names its campaign")
        if self.what == "campaign_report" and "dhis2" in self.formats:
            raise ValueError("DHIS2 has no period for a campaign: choose adx, whose periods are free")
        if len(set(self.formats)) != len(self.formats):
            raise ValueError("a format is named twice")
        return self


class ExportRules(_Part):
    """The schedules of a territory, and how often a delivery that failed is tried again."""

    version: str
    timezone: ZoneName = "Europe/Paris"
    waits_minutes: tuple[int, ...] = Field(default=(1, 5, 30, 120, 360), min_length=1, max_length=20)
    schedules: tuple[Schedule, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> "ExportRules":
        ids = [it.id for it in self.schedules]
        if twice := sorted({it for it in ids if ids.count(it) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def relative(path: str) -> str:
    """A path below its root, as given. Raises ValueError."""
    parts = PurePosixPath(path).parts
    if not path or path.startswith("/") or "\\" in path or "\0" in path or ".." in parts or len(path) > 300:
        raise ValueError("a path below the root, without '..'")
    return str(PurePosixPath(path))
