"""What the routes on imports answer."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from directory.domain.finess_file import Cause as FinessCause
from directory.domain.imports import Counts, Phase, Scope, State
from directory.domain.rpps_file import Cause


class FailureOut(BaseModel):
    """Why a run could not go on at all."""

    code: str
    detail: str


class ProgressOut(BaseModel):
    """How far a run is."""

    phase: Phase
    percent: int = Field(ge=0, le=100)
    read_bytes: int = Field(description="Of the file's `file_size`")
    lines_per_second: int | None = Field(description="Lines read per second since the start; null before it")
    estimated_end: AwareDatetime | None = Field(description="While it runs: a guess from the share that is done")


class ImportOut(BaseModel):
    """One run over a source file. The good lines are merged; the refused ones are listed under `/errors`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019ab000-0000-7000-8000-000000000001",
                    "source": "rpps",
                    "state": "completed",
                    "scope": "whole",
                    "progress": {
                        "phase": "done",
                        "percent": 100,
                        "read_bytes": 194550,
                        "lines_per_second": 483,
                        "estimated_end": None,
                    },
                    "file_name": "PS_LibreAcces_Personne_activite_202611220700.txt",
                    "file_size": 194550,
                    "file_sha256": "0" * 64,
                    "extracted_at": "2026-11-22T07:00:00+01:00",
                    "requested_at": "2026-11-22T08:00:00Z",
                    "started_at": "2026-11-22T08:00:01Z",
                    "finished_at": "2026-11-22T08:00:01Z",
                    "counts": Counts(
                        lines_read=483,
                        lines_duplicate=2,
                        lines_merged=483,
                        persons_added=436,
                        structures_added=27,
                    ).model_dump(),
                    "failure": None,
                }
            ]
        }
    )

    id: UUID
    source: Literal["rpps", "finess-structures", "finess-equipments", "finess-plus"]
    state: State
    scope: Scope = Field(description="Only a whole file says who is gone")
    progress: ProgressOut
    file_name: str
    file_size: int = Field(description="Bytes")
    file_sha256: str
    extracted_at: AwareDatetime | None = Field(description="From the file's name, when it follows the source's pattern")
    requested_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    counts: Counts
    failure: FailureOut | None


class RefusedLineOut(BaseModel):
    """A line that was refused. The others of the file are kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "line": 17,
                    "cause": "identifier_malformed",
                    "column": "Identifiant PP",
                    "detail": "'9900000009' is not 11 digits (RPPS)",
                }
            ]
        }
    )

    line: int = Field(description="Number of the line, the header is 1; of the site, in a FINESS+ file")
    cause: Cause | FinessCause
    column: str | None
    detail: str


class WarnedLineOut(BaseModel):
    """A line that was kept although something about it is wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "line": 17,
                    "cause": "identifier_luhn",
                    "column": "Identifiant PP",
                    "detail": "99000000094 does not end with its Luhn key",
                }
            ]
        }
    )

    line: int = Field(description="Number of the line in the file; the header is line 1")
    cause: str
    column: str | None
    detail: str
