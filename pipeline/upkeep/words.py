"""The words of a person, and files without them: text, Parquet, workbooks."""

import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipeline import warehouse

_SHORTEST = 2

# What stands in the names of files that have names in ASCII beside the originals. In
# others a word in ASCII may be somebody else's name.
_OF_ASCII = "-CostAndUsage."


@dataclass(frozen=True)
class Words:
    """What stands for what: *names* as they are written, *addresses* in any case."""

    names: Mapping[str, str]
    addresses: Mapping[str, str]

    @cached_property
    def replaced(self) -> dict[str, str]:
        """Each word that can be found in a text, with what replaces it."""
        both = {**self.names, **self.addresses}
        return {
            word: new
            for word, new in both.items()
            if len(word) >= _SHORTEST and not word.isdecimal() and word != new
        }

    def of(self, text: str) -> str:
        """*text* with the new words in place of the old ones."""
        if not self._pattern:
            return text
        return self._pattern.sub(lambda found: self._new(found[0]), text)

    def of_bytes(self, content: bytes, name: str) -> bytes:
        """A file of that *name* without the words; the same bytes if it has none."""
        words = self._with_ascii if _OF_ASCII in name else self
        return words.without(content, name)

    def without(self, content: bytes, name: str) -> bytes:
        """As `of_bytes`, with these words whatever the file is."""
        if content.startswith(b"PAR1"):
            return self._parquet(content)
        if name.endswith(".xlsx"):
            return self._workbook(content)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return content
        return self.of(text).encode()

    def of_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """*frame* without the words; the same one if it has none."""
        changes = {}
        for name, kind in frame.schema.items():
            if kind == pl.String:
                values = [one for one in frame[name].unique() if one is not None]
                if new := {one: to for one in values if (to := self.of(one)) != one}:
                    changes[name] = pl.col(name).replace(new)
        return frame.with_columns(**changes) if changes else frame

    def _parquet(self, content: bytes) -> bytes:
        frame = pl.read_parquet(io.BytesIO(content), hive_partitioning=False)
        without = self.of_frame(frame)
        if without is frame:
            return content
        buffer = io.BytesIO()
        without.write_parquet(buffer, compression="zstd")
        return buffer.getvalue()

    def _workbook(self, content: bytes) -> bytes:
        buffer, is_changed = io.BytesIO(), False
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for member in old.infolist():
                before = old.read(member)
                after = self.of_bytes(before, "member.xml")
                is_changed |= before != after
                new.writestr(member, after)
        return buffer.getvalue() if is_changed else content

    @cached_property
    def _with_ascii(self) -> "Words":
        """The same, and each word as it is written where all is in ASCII."""
        both = [*self.names, *self.addresses]
        written = dict(zip(both, _in_ascii(both), strict=True))
        names, addresses = (
            {**{written[word]: new for word, new in of_kind.items()}, **of_kind}
            for of_kind in (self.names, self.addresses)
        )
        return Words(names, addresses)

    @cached_property
    def _forms(self) -> dict[str, tuple[str, str]]:
        """Each spelling of a word in a file, with the word and its replacement."""
        return {
            form: (word, new)
            for word, new in self.replaced.items()
            for form in _spellings(word)
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """Any of the words, longest first, where it is not a part of another word."""
        if not self._forms:
            return None
        lower = {word.lower() for word in self.addresses}
        ordered = sorted(self._forms, key=lambda form: (-len(form), form))
        any_of = "|".join(
            f"(?i:{re.escape(form)})"
            if self._forms[form][0].lower() in lower
            else re.escape(form)
            for form in ordered
        )
        return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)")

    def _new(self, found: str) -> str:
        if found in self._forms:
            return self._forms[found][1]
        folded = {form.lower(): new for form, (_, new) in self._forms.items()}
        return folded[found.lower()]


def _in_ascii(words: Sequence[str]) -> list[str]:
    """*words* as exports to receivers of ASCII alone have them."""
    if all(map(str.isascii, words)):
        return [*words]
    with warehouse.in_memory() as connection:
        written = connection.execute(
            "select ascii_text(unnest($1::varchar[]))", [list(words)]
        ).fetchall()
    return [one for (one,) in written]


def _spellings(word: str) -> Iterable[str]:
    """A word as HTML, XML, JSON and CSV have it."""
    return {
        word,
        html.escape(word, quote=False),
        html.escape(word),
        html.escape(word).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        json.dumps(word)[1:-1],
        json.dumps(word, ensure_ascii=False)[1:-1],
        word.replace('"', '""'),
    }
