"""Parameters and dependencies that several routes share."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query

from directory.domain.acceptance import Rules
from directory.domain.association import Association
from directory.domain.identifiers import COMMUNE_PATTERN, NATIONAL_ID_PATTERN
from directory.settings import DirectorySettings
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where
from directory.usecases.means import Means
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from kit.pagination import PageParams, invalid_cursor

Reader = Annotated[Caller, require("directory:read")]
Writer = Annotated[Caller, require("directory:write")]
Importer = Annotated[Caller, require("directory:import")]
CrisisReader = Annotated[Caller, require("crisis:read")]
CrisisWriter = Annotated[Caller, require("crisis:write")]
CrisisDocumentReader = Annotated[Caller, require("crisis:documents")]
ShiftTaker = Annotated[Caller, require("shifts:take")]
Publisher = Annotated[Caller, require("directory:publish")]
TraineeHost = Annotated[Caller, require("internships:write")]
InstallationReader = Annotated[Caller, require("installations:read")]
InstallationWriter = Annotated[Caller, require("installations:write")]
Historian = Annotated[Caller, require("directory:history")]
AssociationReader = Annotated[Caller, require("association:read")]
AssociationWriter = Annotated[Caller, require("association:write")]
ChannelReader = Annotated[Caller, require("channels:read")]
ChannelWriter = Annotated[Caller, require("channels:write")]
WebhookWriter = Annotated[Caller, require("webhooks:write")]
MessageReader = Annotated[Caller, require("messages:read")]
IssueReporter = Annotated[Caller, require("issues:write")]
MessageWriter = Annotated[Caller, require("messages:write")]
Voter = Annotated[Caller, require("association:vote")]

SLUG_PATTERN = r"^[a-z][a-z0-9-]{1,62}$"
RPPS_PATTERN = r"^[0-9]{11}$"
FINESS_PATTERN = r"^[0-9][0-9A-Z][0-9]{7}$"

RppsPath = Annotated[str, Path(pattern=RPPS_PATTERN, description="RPPS number", examples=["99000000093"])]
FinessPath = Annotated[str, Path(pattern=FINESS_PATTERN, description="FINESS number", examples=["990010001"])]
NationalIdPath = Annotated[
    str,
    Path(
        alias="rpps",
        pattern=NATIONAL_ID_PATTERN,
        description="RPPS number; an ADELI number for those who have no other",
        examples=["99000000093"],
    ),
]
RppsQuery = Annotated[str | None, Query(pattern=RPPS_PATTERN, description="RPPS number")]
FinessQuery = Annotated[str | None, Query(pattern=FINESS_PATTERN, description="FINESS number")]
CodeQuery = Annotated[str | None, Query(max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
TerritoryPath = Annotated[str, Path(pattern=SLUG_PATTERN)]
CommuneQuery = Annotated[
    str | None,
    Query(pattern=COMMUNE_PATTERN, description="INSEE code of a commune; an old code counts too", examples=["35236"]),
]
NearQuery = Annotated[
    str | None,
    Query(pattern=COMMUNE_PATTERN, description="Commune to measure from; sorts by distance", examples=["35236"]),
]
DistanceQuery = Annotated[
    float | None,
    Query(gt=0, le=300, allow_inf_nan=False, description="Kilometres from `near`, between centroids; 30 by default"),
]
TerritoryQuery = Annotated[
    str | None,
    Query(
        pattern=SLUG_PATTERN,
        description="Slug of a territory, or `mine` for that of the token",
        examples=["pays-de-redon", "mine"],
    ),
]
NameQuery = Annotated[
    str | None,
    Query(min_length=2, max_length=100, description="Beginnings of words of the name; accents and case do not count"),
]


async def places(
    commune: CommuneQuery = None,
    near: NearQuery = None,
    max_distance_km: DistanceQuery = None,
    territory: TerritoryQuery = None,
) -> Where:
    return Where(commune, near, max_distance_km, territory)


WhereDep = Annotated[Where, Depends(places)]


async def reference(runtime: RuntimeDep) -> Reference:
    loaded: Reference = runtime.extras["reference"]
    return loaded


ReferenceDep = Annotated[Reference, Depends(reference)]


async def acceptance_rules(loaded: ReferenceDep, work: WorkDep) -> Rules:
    """What the caller's territory asks of whom."""
    return loaded.acceptance[work.territory]


RulesDep = Annotated[Rules, Depends(acceptance_rules)]


async def association(runtime: RuntimeDep, work: WorkDep) -> Association:
    """The rules of the association of the caller's territory."""
    loaded: Reference = runtime.extras["reference"]
    return loaded.association(work.territory)


AssociationDep = Annotated[Association, Depends(association)]


async def settings(runtime: RuntimeDep) -> DirectorySettings:
    found = runtime.settings
    assert isinstance(found, DirectorySettings)  # noqa: S101
    return found


SettingsDep = Annotated[DirectorySettings, Depends(settings)]


async def means(runtime: RuntimeDep, reference: ReferenceDep, settings: SettingsDep) -> Means:
    return Means(runtime.keyring, reference, settings)


MeansDep = Annotated[Means, Depends(means)]


def after(page: PageParams, *kinds: type) -> list[Any] | None:
    """The sort key of the last row seen, checked to be of these types: it comes from outside. Raises Problem 422."""
    if page.after is None:
        return None
    if len(page.after) != len(kinds) or not all(map(isinstance, page.after, kinds)):
        raise invalid_cursor()
    return page.after
