"""The appointment sheet as a page of HTML: readable by a screen reader, everything escaped, nothing fetched."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from snp_dispatch.domain.bulletin import Bulletin

_PAGES = Environment(loader=PackageLoader("snp_dispatch.api"), autoescape=True, undefined=StrictUndefined)


def html(bulletin: Bulletin) -> bytes:
    return _PAGES.get_template("bulletin.html.j2").render(it=bulletin).encode()
