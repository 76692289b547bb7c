"""`make demo`: the days of a CPTS over HTTP, chapter by chapter, and which of its 68 indicators they move."""
