"""The newsletter (*lettre d'information*): text in markdown, as a page that mail programs show."""

from markdown_it import MarkdownIt

# HTML in the text is shown as text, and links lead to the web or to a mailbox only.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def page_of(markdown: str, unsubscribe: str | None = None) -> str:
    """The text as HTML; with the link (ours) by which its reader wants no more, if there is one."""
    foot = ""
    if unsubscribe:
        foot = f'<p><small><a href="{unsubscribe}">Ne plus recevoir cette lettre</a></small></p>'
    return f'<!doctype html><html lang="fr"><body>\n{_MARKDOWN.render(markdown)}{foot}</body></html>\n'
