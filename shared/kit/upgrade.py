"""Alembic on the database of a service."""

from importlib.resources import files

from alembic import command
from alembic.config import Config


def upgrade(migrations: str, url: str) -> None:
    """Runs what the database lacks of the package `migrations`."""
    command.upgrade(configuration(migrations, url), "head")


def configuration(migrations: str, url: str) -> Config:
    """Alembic's, for the package `migrations` on the database of `url`."""
    config = Config()
    config.set_main_option("script_location", str(files(migrations)))
    config.attributes["url"] = url
    return config
