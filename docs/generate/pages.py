"""Every file of docs/ that is made from the code."""

from dictionary import dictionary
from graph import imports, reads
from pictures import draw


def pages() -> dict[str, str]:
    """What each file holds, by its name."""
    return {
        "data-dictionary.md": dictionary(),
        "imports.svg": draw(imports(), "What imports what in pipeline/", "imports"),
        "reads.svg": draw(reads(), "What reads what in sql/models/", "reads"),
    }
