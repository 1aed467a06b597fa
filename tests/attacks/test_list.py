"""docs/security.md names tests that are there, and numbers its attacks without a gap."""

import re

from core.config import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| .+? \| `(tests/[\w/]+\.py)::(test_\w+)` \|", TEXT, re.MULTILINE)


def test_every_attack_has_a_test_that_is_there() -> None:
    missing = [
        f"{file}::{name}"
        for _, file, name in ROWS
        if not (ROOT / file).exists() or f"\ndef {name}(" not in (ROOT / file).read_text()
    ]
    assert not missing


def test_the_attacks_are_numbered_from_the_first_to_the_last() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 100
    assert len(ROWS) == len(re.findall(r"^\| \d+ \|", TEXT, re.MULTILINE))
