"""What a golden page is: a page without what is the same on all, and long tables cut.

Nothing is left unsaid: what is taken out of a page stands in a file of its own, once,
and what is cut out of a long table is told by its number of rows and its hash.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping

# In the order in which they stand on a page, from its end; one page alone has two.
_SCRIPTS = ("table.js", "draw.js", "plotly.js")
_OF_SEARCH = ("table.js", "search.js")
_BLOCK = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
_BODY = re.compile(r"(<tbody>\n)(.*?)(</tbody>)", re.DOTALL)
_ROW = re.compile(r"<tr\b.*?</tr>\n*|<tr id=[^\n]*\n", re.DOTALL)
_SECTION = re.compile(r'<section id="([^"]+)">.*?</section>\n', re.DOTALL)

# Rows of a table that are shown: the first ones, and the last.
_FIRST = 4
_LAST = 1


def golden_files(pages: Mapping[str, bytes], only: Mapping[str, str]) -> dict[str, str]:
    """The golden files of *pages* by name, with the style and the scripts once.

    Of the pages that *only* names one section is shown.
    """
    files: dict[str, str] = {}
    for name, page in pages.items():
        text, blocks = _extracted(page.decode())
        for block, content in blocks.items():
            assert files.setdefault(block, content) == content, f"{name}: {block}"
        shown = _one_section(text, only[name]) if name in only else text
        files[name] = _BODY.sub(_cut, shown)
    return files


def _extracted(page: str) -> tuple[str, dict[str, str]]:
    """*page* with the names of its blocks in their places, and the blocks."""
    scripts = [text for tag, text in _BLOCK.findall(page) if tag == "script"]
    names = _OF_SEARCH if len(scripts) == len(_OF_SEARCH) else _SCRIPTS
    blocks = dict(zip(names, reversed(scripts), strict=False))
    blocks["style.css"] = next(t for tag, t in _BLOCK.findall(page) if tag == "style")
    known = {text: name for name, text in blocks.items()}
    page = _BLOCK.sub(
        lambda block: f"<{block[1]}>{known.get(block[2], block[2])}</{block[1]}>", page
    )
    for name, text in blocks.items():
        assert _policy(text) in page, f"{name} is not allowed by the policy"
        page = page.replace(_policy(text), f"(hash of {name})")
    return page, blocks


def _policy(text: str) -> str:
    """The hash that allows a block, as the page's policy writes it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return html.escape(f"'sha256-{digest}'").replace("&#x27;", "&#39;")


def _one_section(page: str, only: str) -> str:
    return _SECTION.sub(
        lambda found: (
            found[0] if found[1] == only else f"{_told('section', found[0])}\n"
        ),
        page,
    )


def _cut(body: re.Match[str]) -> str:
    rows = _ROW.findall(body[2])
    cut = rows[_FIRST : len(rows) - _LAST]
    if len(cut) < 2 or "".join(rows) != body[2]:
        return body[0]
    told = _told(f"{len(cut)} rows", "".join(cut))
    return "".join((body[1], *rows[:_FIRST], f"{told}\n", *rows[-_LAST:], body[3]))


def _told(what: str, text: str) -> str:
    return f"<!-- {what}, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]} -->"
