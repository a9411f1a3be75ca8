"""Tenants in files of a folder, beside those in `chargeback.toml`."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from pipeline.config import Part, Settings, load
from pipeline.config.schema import schema_of_tenants
from pipeline.doctor.secrets import secrets
from pipeline.errors import ConfigError
from tools.commands import call


def section(name: str, key: str = "env:KEY", more: str = "") -> str:
    url = f'url = "https://{name.lower()}.eu.qlikcloud.com"'
    return f'[[tenant]]\nname = "{name}"\n{url}\napi_key = "{key}"\n{more}\n'


def read(
    folder: Path,
    files: dict[str, str],
    text: str = 'tenants = "tenants.d"\n',
    part: Part | None = None,
) -> Settings:
    (folder / "chargeback.toml").write_text(text, encoding="utf-8")
    (folder / "tenants.d").mkdir()
    for name, content in files.items():
        (folder / "tenants.d" / name).write_text(content, encoding="utf-8")
    return load(folder / "chargeback.toml", {"KEY": "k"}, part=part)


def test_tenants_of_the_folder_follow_those_of_the_file(tmp_path: Path) -> None:
    text = f'tenants = "tenants.d"\nfirst_day = 2026-10-01\n{section("zeta")}'
    files = {
        "b.toml": section("beta", more='formerly = ["old"]'),
        "a.toml": section("acme", more="first_day = 2026-11-05") + section("alpha"),
    }

    found = read(tmp_path, files, text)

    assert found.tenant_names == ("zeta", "acme", "alpha", "beta")
    assert found.first_day_of("acme") == date(2026, 11, 5)
    assert found.first_day_of("alpha") == date(2026, 10, 1)
    assert found.renamed == {"old": "beta"}
    assert tmp_path / "tenants.d" in found.own


def test_what_editors_leave_beside_a_file_is_not_read(tmp_path: Path) -> None:
    odd = dict.fromkeys([".acme.toml", "acme.toml~", "acme.toml.bak", "README"], "?")

    assert read(tmp_path, {**odd, "acme.toml": section("acme")}).tenant_names == (
        "acme",
    )


def test_a_secret_is_looked_for_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "tenants.d").mkdir()
    (tmp_path / "tenants.d" / "acme.toml").write_text(section("acme", "file:acme.key"))
    (tmp_path / "chargeback.toml").write_text('tenants = "tenants.d"')
    key = tmp_path / "tenants.d" / "acme.key"
    key.write_text("secret-of-acme")
    key.chmod(0o400)

    found = load(tmp_path / "chargeback.toml", {})

    assert [one.api_key for one in found.tenants] == ["secret-of-acme"]
    assert [one.state for one in secrets(tmp_path / "chargeback.toml", {})] == ["ok"]


def test_a_part_has_tenants_of_the_folder_and_needs_no_other_secret(
    tmp_path: Path,
) -> None:
    names = [f"t{n}" for n in range(40)]
    part = Part(3, 8)
    files = {
        f"{name}.toml": section(name, "env:KEY" if part.has(name) else "env:ABSENT")
        for name in names
    }

    found = read(tmp_path, files, part=part)

    assert set(found.tenant_names) == {name for name in names if part.has(name)}
    assert 0 < len(found.tenants) < 40


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a.toml": section("acme", more="retry = 1")},
            "a.toml, line 5: tenant acme: retry: unknown key",
        ),
        (
            {"a.toml": section("acme"), "b.toml": "\n" + section("ACME")},
            (
                "b.toml, line 3: tenant ACME: name: 'acme' is there twice, in"
                " {folder}/a.toml too; names are folders,"
            ),
        ),
        (
            {"a.toml": section("acme", more="first_day = 1970-01-01")},
            "a.toml, line 5: tenant acme: first_day: 1970-01-01 is no day from 2015-",
        ),
        (
            {"a.toml": section("A"), "b.toml": section("b", more='formerly = ["a"]')},
            "b.toml, line 5: tenant b: formerly: 'a' is the name of a tenant that is",
        ),
        (
            {"a.toml": section("acme", "env:ABSENT")},
            "a.toml, line 4: tenant acme: api_key: the variable ABSENT is not set",
        ),
        ({"a.toml": 'name = "acme"'}, "a.toml, line 1: name: unknown key here; it be"),
        ({"a.toml": "[extract]\nretries = 1"}, "a.toml, line 1: extract: unknown key"),
        ({"a.toml": ""}, "a.toml: tenant: required, not set"),
        ({"a.toml": "tenant = []"}, "a.toml, line 1: tenant: expected array of le"),
        (
            {
                "a.toml": "[[tenant]",
                "b.toml": section("b"),
                "c.toml": "x",
                "d.toml": "",
            },
            "a.toml: not valid TOML: ",
        ),
    ],
)
def test_a_wrong_file_stops_all_and_is_named(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, files)

    folder = tmp_path / "tenants.d"
    said = str(caught.value)
    assert said.startswith(f"{folder}/{message.format(folder=folder)}")
    others = "\nalso wrong: c.toml, d.toml"
    assert said.endswith(others) == ("c.toml" in files)


def test_a_folder_without_any_tenant_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tenants\.d has no file that ends in \.to"):
        read(tmp_path, {"acme.txt": section("acme")})


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "chargeback.toml"
    path.write_text(f'tenants = "tenant.d"\n{section("acme")}', encoding="utf-8")

    with pytest.raises(ConfigError, match=r", line 1: tenants: .*tenant\.d: No such"):
        load(path, {"KEY": "k"})


def test_the_doctor_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "tenants.d").mkdir()
    (tmp_path / "tenants.d" / "acme.toml").write_text(section("acme", "env:ABSENT"))
    (tmp_path / "chargeback.toml").write_text('tenants = "tenants.d"')

    done = call("doctor", folder=tmp_path, env={})

    assert done.returncode == 2
    assert "acme: secret: " in done.stdout
    assert "tenants.d/acme.toml: tenant[0].api_key: the variable ABSENT" in done.stdout


def test_the_schema_of_such_a_file_has_tenants_alone(tmp_path: Path) -> None:
    printed = call("schema", "--tenants", folder=tmp_path, env={}).stdout.encode()

    assert printed == schema_of_tenants()
    made = msgspec.json.decode(printed)["$defs"]["TenantsFile"]
    assert list(made["properties"]) == ["tenant"]
    assert made["required"] == ["tenant"]
    assert made["additionalProperties"] is False
