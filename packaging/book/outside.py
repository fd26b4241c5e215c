"""Preprocessor of mdBook: a link to a file outside of docs/ becomes its text, with the path of the file.

mdBook copies what is in docs/ only, so such a link would lead nowhere in the book.
"""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def inside(content, folder):
    def one(link):
        text, target = link.groups()
        path = posixpath.normpath(posixpath.join(folder, target.split("#")[0]))
        if "://" in target:
            return link.group(0)
        if not path.startswith(".."):
            # mdBook calls the page of a README.md index.html.
            return link.group(0).replace("README.md", "index.md")
        path = path.removeprefix("../")
        return text if path in text else f"{text} (`{path}`)"

    return LINK.sub(one, content)


def walk(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            if chapter.get("path"):
                chapter["content"] = inside(chapter["content"], posixpath.dirname(chapter["path"]))
            walk(chapter["sub_items"])


if len(sys.argv) > 1 and sys.argv[1] == "supports":
    sys.exit(0)
_context, book = json.load(sys.stdin)
walk(book.get("items", book.get("sections", [])))
json.dump(book, sys.stdout)
