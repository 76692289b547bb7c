"""Pages behind the directory's personal links, in French."""

from typing import Annotated

from pydantic import StringConstraints

from kit.link_pages import LinkPages

Written = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)]

page = LinkPages("directory.api", fault="", told="", ask=None, hint="").page
"""The template with `title`, `fault`, `told`, `hint`, and what it asks (`ask`, or None)."""
