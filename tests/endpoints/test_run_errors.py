"""What errors of runs are kept as: known words, whatever an entry holds."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.endpoints import RUNS, Run
from pipeline.endpoints.run_errors import WORDS, known_words, redact
from pipeline.sandbox.world import names

CANARY = "canary-7f3a"


def said(errors: Any) -> str | None:
    return redact(json.loads(json.dumps(errors)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "The connection was closed by the remote host",
            "The connection was closed by the remote host",
        ),
        ("Forbidden.", "Forbidden."),
        ("cURL error 28: timed out", "cURL error … timed out"),
        ("Couldn’t connect", "Couldn't connect"),  # noqa: RUF001
        (
            "Maximum execution time of 900 seconds",
            "Maximum execution time of … seconds",
        ),
        (
            "Maximum execution time of 870 seconds",
            "Maximum execution time of 870 seconds",
        ),
        ("HTTP 404:", "HTTP 404"),
        ("HTTP 200", "HTTP …"),
    ],
)
def test_known_words_are_kept_as_they_stand(text: str, kept: str) -> None:
    assert known_words(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Unauthorized: Bearer {}",
        "Unauthorized: Bearer  {}.",
        "Authorization: Basic {}",
        "Forbidden https://x.example/{}?token={}",
        "Forbidden x.example/?a=b&key={}",
        "Forbidden (password={})",
        "Forbidden [token:{}]",
        'Forbidden {{"error": "{}"}}',
        'Forbidden [{{"error": "request failed {}"}}]',
        "Forbidden\n{}",
        "Forbidden\r\n\r\nerror failed {}",
        "Forbidden <p>error {}</p>",
        "Forbidden <{}",
        'Forbidden "error {} failed',
        "Forbidden for 'user {}'",
        "Forbidden `{}`",
        "Forbidden error_{}",
        "Forbidden {}@error.example",
        "Forbidden error/{}",
        "Forbidden-{}",
    ],
)
def test_nothing_else_of_a_text_is_kept(text: str) -> None:
    """Neither the secret, nor a part of it, in any place that it may stand in."""
    kept = known_words(text.replace("{}", CANARY).replace("{{", "{").replace("}}", "}"))

    assert "canary" not in str(kept)
    assert "7f3a" not in str(kept)
    assert len(str(kept)) <= 120


@pytest.mark.parametrize(
    "text",
    ['Forbidden "token"', "Forbidden 'token'", "Forbidden <token>", "Forbidden {token"],
)
def test_of_what_is_quoted_not_even_known_words_are_kept(text: str) -> None:
    assert known_words(text) == "Forbidden …"


@pytest.mark.parametrize(
    "text", ["", " \n", "…", "not in the", "Die Verbindung brach ab", CANARY, "{}"]
)
def test_a_text_without_known_words_tells_nothing(text: str) -> None:
    assert known_words(text) is None


@given(
    st.text()
    | st.lists(st.sampled_from(["error", "not", "401", "key=", "x"])).map(" ".join)
)
def test_what_is_kept_of_any_text_is_made_of_known_words(text: str) -> None:
    kept = known_words(text) or ""

    assert len(kept) <= 120
    for word in kept.split():
        assert word == "…" or word.rstrip(",.:;!?").casefold() in WORDS


def test_a_long_text_is_cut_between_words() -> None:
    kept = known_words("server error " * 20)

    assert kept is not None
    assert len(kept) <= 120
    assert re.fullmatch(r"Server error( server error)*( server)? …", kept)


@pytest.mark.parametrize(
    ("errors", "kept"),
    [
        (None, None),
        ([], None),
        ([{}], None),
        ({}, None),
        (7, None),
        ([[["Forbidden"]]], None),
        ([{"message": 7}], None),
        ([{"message": ["Forbidden"]}], None),
        ("Forbidden", "Forbidden"),
        (["Forbidden"], "Forbidden"),
        ([{"error": "Forbidden"}], "Forbidden"),
        ({"error": {"message": "Forbidden"}}, "Forbidden"),
        ([{"title": "Forbidden", "code": "403"}], "403 forbidden"),
        ([{"message": "Forbidden", "status": 403}], "403 forbidden"),
        ([{"message": "403 Forbidden", "statusCode": 403}], "403 forbidden"),
        ([{"status": 502}], "502"),
        ([{"error": None, "message": "Forbidden"}], "Forbidden"),
        (["Timeout", "Forbidden"], "Forbidden"),
        (["Timeout", {"request": "Forbidden"}], "Timeout"),
    ],
)
def test_the_last_entry_that_says_anything_is_told(errors: Any, kept: str) -> None:
    assert said(errors) == kept


@pytest.mark.parametrize(
    "field", ["request", "response", "body", "detail", "code", "status", "inputs", "x"]
)
@pytest.mark.parametrize("value", [CANARY, [CANARY], {"message": f"error {CANARY}"}])
def test_no_other_field_is_kept(field: str, value: Any) -> None:
    entry = {"message": "Forbidden", field: value}

    assert said([entry, {field: value}]) == "Forbidden"


def test_every_error_of_the_sandbox_says_something() -> None:
    kept = [known_words(text.format(secret=CANARY)) for text in names.ERRORS]

    assert None not in kept
    assert "canary" not in " ".join(map(str, kept))


@pytest.mark.parametrize("errors", ["null", "[]", "[{}]", '"x"'])
def test_a_run_without_a_known_error_is_a_run(errors: str) -> None:
    page = f'[{{"id": "a", "error": {errors}}}, {{"id": "b"}}]'
    runs = msgspec.json.decode(page, type=list[Run])

    assert RUNS.frame(runs, "p")["error"].to_list() == [None, None]
