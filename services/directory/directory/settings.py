"""Configuration of the directory, from `DIRECTORY_<FIELD>` or `<FIELD>`."""

from typing import ClassVar

from pydantic import Field

from kit.settings import ServiceSettings


class DirectorySettings(ServiceSettings):
    """What the directory needs beside the settings of every service."""

    service: ClassVar[str] = "directory"

    port: int = 8001
    worker_port: int = 8011
    max_upload_bytes: int = Field(default=2_000_000_000, ge=1, description="The whole RPPS extract is about 820 MB")
    import_batch: int = Field(
        default=20_000, ge=1, description="Lines that an import works off in one transaction: what a kill may cost"
    )
