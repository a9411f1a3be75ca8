"""What comes from others: licences, vulnerabilities, secrets in the tree; and an SBOM.

`make audit` runs it. Without a network it says what it could not ask, and checks the
rest. The SBOM (CycloneDX 1.6) is written to dist/, beside the wheel.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
NOTICES = ROOT / "THIRD_PARTY_NOTICES.md"
BUNDLED = ROOT / "reports" / "templates" / "plotly-basic.min.js"

# Licences that ask for no more than their text and a notice, or only of changes to
# their own files.
ALLOWED = re.compile(
    r"MIT|BSD|Apache|Python Software Foundation|PSF|ISC|MPL|Mozilla|Unlicense|0BSD",
    re.IGNORECASE,
)
SECRETS = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]"),
    "a token": re.compile(rb"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "a key of a cloud": re.compile(rb"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a key of a forge": re.compile(rb"\b(ghp|gho|ghs|glpat)[_-][\w-]{20,}"),
    "a password in a URL": re.compile(
        rb"https?://[\w.-]+:[^@\s/{}\"'$<]{8,}@[\w.-]+\."
    ),
}
_NAMED = re.compile(r"^([\w.-]+)==([\w.+!-]+)", re.MULTILINE)


class Finding(NamedTuple):
    """A line of the audit."""

    state: str
    text: str


class Package(NamedTuple):
    """A package that runs with ours, as it is locked."""

    name: str
    version: str
    licence: str
    hashes: tuple[str, ...]


def locked() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and hashes of each package of the lock file, by name."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for block in re.split(r"\n(?=\w)", LOCK.read_text("utf-8")):
        if match := _NAMED.match(block):
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            found[canonicalize_name(match[1])] = match[2], hashes
    return found


def runtime() -> list[Package]:
    """The packages that an installation brings, in order of their names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = list(map(Requirement, project["dependencies"]))
    versions = locked()
    found: dict[str, Package] = {}
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # of another platform
        version, hashes = versions.get(name, (package.version, ()))
        found[name] = Package(name, version, licence_of(package), hashes)
        waiting += [
            one
            for one in map(Requirement, package.requires or ())
            if one.marker is None or one.marker.evaluate({"extra": ""})
        ]
    return [found[name] for name in sorted(found)]


def licence_of(package: Distribution) -> str:
    """The licence that a package states, in its own words."""
    about: Any = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = about.get_all("Classifier") or []
    stated = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License")]
    return ", ".join(stated) or str(about.get("License", "")).partition("\n")[0][:80]


def licences(packages: list[Package]) -> Iterator[Finding]:
    """A finding for each licence that is not among those that are allowed."""
    for one in packages:
        if not ALLOWED.search(one.licence):
            yield Finding(
                "fail", f"{one.name}: licence {one.licence or 'not stated'!r}"
            )


def pins(packages: list[Package]) -> Iterator[Finding]:
    """A finding for each package that the lock file does not hold to a hash."""
    for one in packages:
        if not one.hashes:
            yield Finding("fail", f"{one.name}: not in {LOCK.name}, or without a hash")


def secrets(files: list[Path]) -> Iterator[Finding]:
    """A finding for each file that holds what looks like a secret."""
    for path in files:
        content = path.read_bytes()
        for what, pattern in SECRETS.items():
            if pattern.search(content):
                yield Finding("fail", f"{path}: looks as if it held {what}")


def bundled() -> Iterator[Finding]:
    """A finding if what is bundled is not what the notices say."""
    digest = hashlib.sha256(BUNDLED.read_bytes()).hexdigest()
    if digest not in NOTICES.read_text("utf-8"):
        yield Finding("fail", f"{BUNDLED.name}: {NOTICES.name} has another hash")


def vulnerabilities() -> Iterator[Finding]:
    """What `pip-audit` says of the lock file, if it is there and can ask."""
    tool = shutil.which("pip-audit")
    if tool is None:
        yield Finding("skip", "known vulnerabilities: pip-audit is not installed")
        return
    command = [tool, "--disable-pip", "--require-hashes", "-r", str(LOCK)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (asked.stdout + asked.stderr).strip().splitlines() or [""]
    if asked.returncode and "vulnerabilit" not in asked.stdout + asked.stderr:
        yield Finding("skip", f"known vulnerabilities: not asked: {lines[-1][:120]}")
    elif asked.returncode:
        yield from (Finding("fail", line) for line in lines)


def sbom(packages: list[Package]) -> dict[str, Any]:
    """A CycloneDX document: this package, what it needs, and what is bundled."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    script = re.search(r"plotly\.js.* v([\d.]+)", BUNDLED.read_text("utf-8")[:200])
    digest = hashlib.sha256(BUNDLED.read_bytes()).hexdigest()
    version = script[1] if script else ""
    bundle = {
        "type": "library",
        "bom-ref": f"pkg:npm/plotly.js-basic-dist-min@{version}",
        "name": "plotly.js-basic-dist-min",
        "version": version,
        "purl": f"pkg:npm/plotly.js-basic-dist-min@{version}",
        "licenses": [{"license": {"id": "MIT"}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": distribution(project["name"]).version,
            }
        },
        "components": [*map(_component, packages), bundle],
    }


def _component(package: Package) -> dict[str, Any]:
    purl = f"pkg:pypi/{package.name}@{package.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "licenses": [{"license": {"name": package.licence}}],
        "properties": [
            {"name": "sha256 of a file in the lock", "value": one}
            for one in package.hashes
        ],
    }


def tracked() -> list[Path]:
    """The files of the tree, but minified and locked ones, whose hashes look random."""
    names = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in names.decode().split("\0") if name]
    return [one for one in paths if one.is_file() and one.suffix != ".lock"]


def audit() -> list[Finding]:
    """All findings; none is a failure if nothing is wrong."""
    packages = runtime()
    return [
        *licences(packages),
        *pins(packages),
        *bundled(),
        *secrets(tracked()),
        *vulnerabilities(),
    ]


def main() -> None:
    """Print the findings, write the SBOM, and end in 1 if there is a failure."""
    findings = audit()
    target = ROOT / "dist" / "sbom.cdx.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(sbom(runtime()), indent=1) + "\n", encoding="utf-8")
    for finding in findings:
        print(f"{finding.state:<4}  {finding.text}")
    print(f"ok    {len(runtime())} packages; {target.relative_to(ROOT)} lists them")
    sys.exit(any(finding.state == "fail" for finding in findings))


if __name__ == "__main__":
    main()
