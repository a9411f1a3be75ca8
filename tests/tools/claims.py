"""Claims in the words of a header, changed so that they say something else."""

import re
from dataclasses import replace

from pipeline.warehouse import Model
from pipeline.warehouse.claims import parse_claim

SUMS = r"sum•+(?:, sum•+)*"
RIGHT = re.compile(rf"-?\d|(?:{SUMS} of )?[a-z_][\w.]*(?: by | where | \+ | within |$)")


def masked(text: str) -> str:
    """*text* with bullets for all that is in brackets or quotes."""
    text = re.sub(r"'[^']*'", lambda part: "•" * len(part[0]), text)
    while "(" in text:
        text = re.sub(r"\([^()]*\)", lambda part: "•" * len(part[0]), text)
    return text


def one_more(claim: str, measure: str) -> str:
    """*claim* with one more in each row of what it says of the model's *measure*."""
    if claim.startswith("each "):
        return claim.replace(measure, f"({measure}) + 1", 1)
    equals = [found.end() for found in re.finditer(" = ", masked(claim))]
    start = next(n for n in equals if RIGHT.match(masked(claim)[n:]))
    left, right = claim[:start], claim[start:]
    more = left.replace(measure, f"sum({measure[3:]} + 1)", 1)
    if right[-1].isdigit() and " " not in right:
        return more + right
    # Each source names its sums, which else are those that the left side has.
    sums = re.match(SUMS, masked(left))
    assert sums
    starts = [0, *(found.end() for found in re.finditer(r" \+ ", masked(right)))]
    parts = [right[n:end] for n, end in zip(starts, [*starts[1:], None], strict=True)]
    return more + "".join(
        part if part.startswith("sum(") else f"{left[: sums.end()]} of {part}"
        for part in parts
    )


def claiming(model: Model, words: str) -> Model:
    """*model*, with these words as its only claim."""
    return replace(model, claims=(parse_claim(words, model.name, model.grain),))
