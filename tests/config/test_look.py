"""`report.logo` and `report.accent`: what is accepted, and what each error says."""

import os
import re
import struct
from pathlib import Path

import pytest

from pipeline.config import Look, load
from pipeline.errors import ConfigError
from pipeline.formats.colors import DARK_PAPER, PAPER, contrast, tint

SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
RDF = 'xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
TENANT = """[[tenant]]
name = "acme"
url = "https://acme.example"
api_key = "env:KEY"
"""


def png(width: int = 40, height: int = 20) -> bytes:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    return head + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"


def jpeg(width: int = 40, height: int = 20) -> bytes:
    segment = b"\xff\xe0\x00\x04ab"
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width)
    return b"\xff\xd8" + segment + frame + bytes(10)


def look(folder: Path, **keys: str) -> Look:
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    path = folder / "chargeback.toml"
    path.write_text(f"{TENANT}[report]\n{lines}")
    return load(path, None).look


def with_logo(folder: Path, content: bytes | str) -> Look:
    text = content.encode() if isinstance(content, str) else content
    (folder / "logo.any").write_bytes(text)
    return look(folder, logo="logo.any")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (SVG.format('<path d="M0 0h9v9z"/>').encode(), "image/svg+xml"),
        (SVG.format("<g/>").encode("utf-16"), "image/svg+xml"),
    ],
)
def test_a_logo_is_known_by_its_content_and_not_by_its_name(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    logo = with_logo(tmp_path, content).logo

    assert logo is not None
    assert (logo.media_type, logo.content) == (kind, content)
    assert logo.url.startswith(f"data:{kind};base64,")
    assert load(tmp_path / "chargeback.toml", None).own[-1] == tmp_path / "logo.any"


@pytest.mark.parametrize(
    "inside",
    [
        '<defs><linearGradient id="a"/></defs><rect fill="url(#a)"/>',
        f'<g {LINK}><use xlink:href="#a"/></g>',
        "<style>.a{fill:url( '#a' )}</style>",
        f"<metadata><r:RDF {RDF}/></metadata>",
    ],
)
def test_what_drawing_programs_write_is_accepted(tmp_path: Path, inside: str) -> None:
    assert with_logo(tmp_path, SVG.format(inside)).logo is not None


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>', "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<image href="a.png"/>', "<image>"),
        ('<a href="#x"/>', "<a>"),
        ('<animate attributeName="href"/>', "<animate>"),
        ('<set attributeName="onload"/>', "<set>"),
        ('<path onload="alert(1)"/>', "onload="),
        ('<path OnClick="x"/>', "onclick="),
        ('<use href="https://evil.example/a.svg#b"/>', "href="),
        (f'<use {LINK} xlink:href="data:image/svg+xml,x"/>', "href="),
        ('<g xml:base="https://evil.example/"/>', "base="),
        ('<rect fill="url(https://evil.example/a)"/>', "fill="),
        ("<rect style=\"fill:url('x.svg#a')\"/>", "style="),
        ('<rect style="fill:\\75rl(x)"/>', "style="),
        ("<style>@import 'x.css';</style>", "a style that loads"),
        ("<style>a{b:url(<!-- -->//x)}</style>", "a style that loads"),
        ("<style>a{b:image-set('x' 1x)}</style>", "a style that loads"),
        ("<?xml-stylesheet href='x.css'?>", "<?xml-stylesheet?>"),
    ],
)
def test_an_svg_that_does_more_than_draw_is_an_error(
    tmp_path: Path, inside: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        with_logo(tmp_path, SVG.format(inside))

    assert "report.logo" in str(caught.value)
    assert "line 1: has" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no SVG, PNG or JPEG"),
        (b"GIF89a", "is no SVG, PNG or JPEG"),
        (b"<html/>", "is no SVG, PNG or JPEG"),
        (b"<svg/>", "is no SVG, PNG or JPEG"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;").encode(), "a DOCTYPE"),
        (png(width=100_000), "is 100000 by 20 pixels"),
        (png(height=0), "is 40 by 0 pixels"),
        (jpeg(width=65_535), "is 65535 by 20 pixels"),
        (b"\xff\xd8\xff\xe0\xff\xff", "is a JPEG that is cut off"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, "is a JPEG that is cut off"),
        (png() + bytes(100_000), "has more than 100 kB"),
    ],
)
def test_what_is_no_small_picture_is_an_error(
    tmp_path: Path, content: bytes, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        with_logo(tmp_path, content)


def test_a_logo_that_is_no_file_is_an_error_and_is_not_waited_for(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(ConfigError, match=r"report.logo: .*: not a file that can"):
            look(tmp_path, logo=name)
    with pytest.raises(ConfigError, match=r"report.logo: .*: No such file"):
        look(tmp_path, logo="none.png")


def test_a_colour_that_is_hard_to_read_is_an_error_with_its_contrast(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match=r"#ff8800 has a contrast of 2.39 on #ffffff"):
        look(tmp_path, accent="#ff8800")
    with pytest.raises(ConfigError, match="write a lighter colour"):
        look(tmp_path, accent_dark="#0b5cad")
    with pytest.raises(ConfigError, match=r'report.accent: .*colour like "#0b5cad"'):
        look(tmp_path, accent="red;}")


def test_an_accent_has_one_for_dark_paper(tmp_path: Path) -> None:
    read = look(tmp_path, accent="#7A1FA2")

    assert read.accent == "#7a1fa2"
    assert 8.7 < contrast(read.accent_dark, DARK_PAPER) < 8.9
    assert look(tmp_path, accent="#7a1fa2", accent_dark="#ffffff").accent_dark == PAPER
    assert look(tmp_path) == Look()


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    for color in ("#000000", "#7a1fa2", "#006a4e"):
        assert contrast(tint(color, PAPER, PAPER, 3.4), PAPER) == pytest.approx(
            3.4, abs=0.06
        )
