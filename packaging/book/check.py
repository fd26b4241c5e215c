"""Checks the book in target/book: no link of a page leads nowhere, and the search knows every page.

`python3 packaging/book/check.py` after `mdbook build`.
"""

import html.parser
import pathlib
import sys
import urllib.parse

BOOK = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/book")


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, _tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id":
                self.anchors.add(value)


# The page that servers give for an address that does not exist has links from the root.
pages = {path: Page(path.read_text()) for path in BOOK.rglob("*.html") if path.name != "404.html"}
dead = []
for path, page in pages.items():
    for link in page.links:
        target, _, anchor = link.partition("#")
        if urllib.parse.urlsplit(link).scheme or path.name in ("print.html", "toc.html"):
            continue
        goal = (path.parent / urllib.parse.unquote(target)).resolve() if target else path.resolve()
        found = {known.resolve(): page for known, page in pages.items()}.get(goal)
        if not goal.exists():
            dead.append(f"{path}: {link}")
        elif anchor and found and urllib.parse.unquote(anchor) not in found.anchors:
            dead.append(f"{path}: {link} (no such heading)")

index = next(BOOK.glob("searchindex*.js")).read_text()
for source in pathlib.Path("docs").rglob("*.md"):
    page = source.relative_to("docs").with_suffix(".html")
    page = page.with_name("index.html") if page.name == "README.html" else page
    if page.name != "SUMMARY.html" and f"{page.as_posix()}#" not in index:
        dead.append(f"{source}: not in the search")

print("\n".join(dead) or f"{len(pages)} pages, no dead link")
sys.exit(bool(dead))
