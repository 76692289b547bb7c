"""Configuration of pathways, from `PATHWAYS_<FIELD>` or `<FIELD>`."""

from typing import ClassVar

from pydantic import Field

from kit.settings import ServiceSettings

MIGRATIONS = "pathways.migrations"
"""Package of the migrations, which every process of the service brings to their end at start."""


class PathwaysSettings(ServiceSettings):
    """What pathways needs beside the settings of every service."""

    service: ClassVar[str] = "pathways"

    port: int = 8003
    worker_port: int = 8013
    erasure_batch: int = Field(default=50, ge=1, description="Patients that one tick erases at most")
    seal_batch: int = Field(default=1000, ge=1, description="Accesses that one tick seals at most")
    key_batch: int = Field(default=500, ge=1, description="Keys of patients that one tick wraps anew at most")
    stay_batch: int = Field(default=100, ge=1, description="Lines of a file of stays that one tick takes at most")
    visit_batch: int = Field(default=200, ge=1, description="Days of visits that one run tells at most")
    step_batch: int = Field(default=500, ge=1, description="Rows that one tick of a timer takes at most")
