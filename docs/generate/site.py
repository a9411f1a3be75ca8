"""A static site of the documentation: `make site` writes it into dist/site.

Made of the Markdown files by markdown-it, which comes with rich, and one template:
nothing is loaded, neither when it is built nor when it is read.
"""

import html
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
SITE = ROOT / "dist" / "site"

# The pages in the order in which they are read, by what leads to them.
PAGES = {
    "README.md": "Overview",
    "docs/quickstart.md": "Quick start",
    "docs/deploy.md": "Deploy",
    "docs/configuration.md": "Configuration",
    "docs/finance-files.md": "Finance files",
    "docs/closing.md": "Closing months",
    "docs/exports.md": "Exports",
    "docs/operations.md": "Operations",
    "docs/scale.md": "Scale",
    "docs/performance.md": "Performance",
    "docs/runbook.md": "Runbook",
    "docs/privacy.md": "Privacy",
    "docs/security-model.md": "Security model",
    "SECURITY.md": "Security",
    "docs/forecast.md": "Forecast",
    "docs/limits.md": "Limits",
    "docs/data-dictionary.md": "Data dictionary",
    "docs/architecture.md": "Architecture",
    "docs/decisions.md": "Decisions",
    "docs/vocabulary.md": "Vocabulary",
    "CONTRIBUTING.md": "Contributing",
    "CHANGELOG.md": "Changelog",
}

_STYLE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; display: flex; }
nav { min-width: 13rem; padding: 1.5rem; background: #f4f5f7; min-height: 100vh; }
nav a { display: block; padding: .15rem 0; color: #1f4e79; text-decoration: none; }
nav a[aria-current] { font-weight: 700; }
main { padding: 1.5rem 2.5rem; max-width: 60rem; min-width: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #d0d4da; padding: .3rem .6rem; vertical-align: top; }
pre { background: #f4f5f7; padding: .8rem; overflow-x: auto; }
code { background: #f4f5f7; } img { max-width: 100%; }
@media (max-width: 50rem) { body { display: block; } nav { min-height: 0; } }
"""


def build(folder: Path) -> None:
    """Write the site into *folder*, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in PAGES:
        (folder / target_of(name)).write_text(_page(name, folder), encoding="utf-8")


def target_of(name: str) -> str:
    """The file of the page that is made of the Markdown file *name*."""
    return "index.html" if name == "README.md" else f"{Path(name).stem.lower()}.html"


def _page(name: str, folder: Path) -> str:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = markdown.parse((ROOT / name).read_text(encoding="utf-8"))
    _name_headings(tokens)
    for token in tokens:
        for part in (token, *(token.children or ())):
            for attribute in ("href", "src"):
                if link := part.attrGet(attribute):
                    part.attrSet(attribute, _link(str(link), name, folder))
    body = markdown.renderer.render(tokens, markdown.options, {})
    links = "\n".join(
        f'<a href="{target_of(one)}"{" aria-current" if one == name else ""}>'
        f"{html.escape(title)}</a>"
        for one, title in PAGES.items()
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(PAGES[name])}: chargeback</title>"
        f"<style>{_STYLE}</style></head>\n<body><nav>{links}</nav>\n"
        f"<main>{body}</main></body></html>\n"
    )


def _name_headings(tokens: list[Token]) -> None:
    """Give each heading the id by which links find it."""
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            words = re.sub(r"[^\w\- ]", "", text.content.lower())
            opening.attrSet("id", words.replace(" ", "-"))


def _link(link: str, name: str, folder: Path) -> str:
    """*link* of the file *name*, as it is in the site; other files are copied there."""
    parts = urlsplit(link)
    if parts.scheme or not parts.path:
        return link
    path = (ROOT / name).parent / parts.path
    own = path.resolve().relative_to(ROOT).as_posix()
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if own in PAGES:
        return target_of(own) + fragment
    copy = folder / own
    copy.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, copy, dirs_exist_ok=True)
    else:
        shutil.copyfile(path, copy)
    return own


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else SITE)
    print(SITE / "index.html")
