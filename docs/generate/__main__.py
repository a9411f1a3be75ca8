"""Write what docs/ says of the code: two pictures and the data dictionary."""

from graph import DOCS
from pages import pages

for name, content in pages().items():
    (DOCS / name).write_text(content, encoding="utf-8")
    print(f"docs/{name}")
