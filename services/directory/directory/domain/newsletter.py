"""The newsletter (*lettre d'information*): text in markdown, as a page that mail programs show."""

from markdown_it import MarkdownIt

# HTML in the text is shown as text, and links lead to the web or to a mailbox only.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def page_of(markdown: str) -> str:
    """The text as HTML."""
    return f'<!doctype html><html lang="fr"><body>\n{_MARKDOWN.render(markdown)}</body></html>\n'
