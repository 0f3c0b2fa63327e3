"""Slips in an assignment's file: each is told with its line, and with the word that was meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from harness.engine.assignment_file import UnusableAssignment, of_text

DOCS: Final = Path(__file__).parents[2] / "docs"
BLOCK: Final = re.compile(r"^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TABLES: Final = [
    each
    for name in ("grading.md", "teachers.md", "learning-a-contract.md")
    for each in BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[feedback]\ndeadline = 2027-01-31T23:59\n", "2: 2027-01-31T23:59 lacks the seconds"),
        ("[late]\ndeadline = 2027-01-31 25:00\n", "2: 2027-01-31 25:00 is no day, or no time of day"),
        ("[late]\ndeadline = 2027-13-31\n", "2: 2027-13-31 is no day, or no time of day"),
        ("[points]\nlecture == 3\n", "2: lecture: one = is enough"),
        (
            "[points]\nlecture = 3 + 4\n",
            "2: Expected newline or end of document after a statement: lecture",
        ),
        ("[award]\nname = 'x'\npoints = 2\n", "1: award: Expected a list, got a table (of several"),
        (
            'feedback = { deadline = 2027-01-31 23:59, hidden = ["abuse/*"] }',
            "1: 2027-01-31T23:59 lacks",
        ),
        ("[feedback]\ndeadline = 31.01.2027", "2: a date is written 2027-01-31"),
        ("[contract]\ndesign = fork", '2: design: text stands in quotes: "fork"'),
        ("contract.closes = True", "1: contract.closes: True is written in lower case"),
        ('tier: "robust"', "1: tier: between key and value stands ="),
        ("[points]\nabuse/* = 2", '2: a name with / or * in it stands in quotes: "abuse/*"'),
        ('[points]\n"abuse/*" = 1,5', '2: "abuse/*": a decimal has a point'),
        ("[points]\nlecture = 1\n[points]\nrobust = 2", "3: points stands twice in this file"),
        ("points = { lecture = 1 }\n[points]\nrobust = 2", "2: points stands twice in this file"),
        ('tier = "robust"\ntier = "lecture"\n\n', "2: tier stands twice in this file"),
        (
            'tier = "robust"\n[points]\nlecture = 1\ntier = "lecture"',
            "4: tier stands twice in this file",
        ),
        ('tier = "robust\n', "1: the quotes are not closed"),
        ("tier = \u201crobust\u201d", "1: text stands in straight quotes"),
        ('[feedback]\nhidden = ["abuse/*"\nuntil = 2027-01-31', "3: the bracket [ is not closed"),
        ("points = { lecture = 1\n robust = 2 }", "1: the brace { is not closed on this line"),
        ("most_points =", "1: most_points: nothing stands behind ="),
        ("[contract\ncloses = false", "1: the bracket of a table's name is not closed"),
        ("points", "1: points: a key needs = and a value"),
        ('tier = "robst"', "1: tier: Invalid value 'robst'; did you mean \"robust\"?"),
        ('[submission]\nrole = "servr"', "2: submission.role: Invalid value 'servr'; did you mean"),
        ('[submission]\ngreeting = "hi"', '2: unknown key "greeting" in [submission]; it belongs into'),
        (
            "[[award]]\npoints = 1\n[[award]]\npionts = 2",
            '4: unknown key "pionts" in [award]; did you mean',
        ),
        (
            '[[award]]\npoints = 1\n[[award]]\npoints = "x"',
            "4: award.points: Expected a number, got text",
        ),
        ('[points]\n"reapng/*" = 1', "2: reapng/*: no such requirement; did you mean reaping/*?"),
        ("[points]\nlecure = 1", "2: lecure: no such requirement; did you mean lecture?"),
        ('[feedback]\nhidden = ["abuse/rest"]', "2: abuse/rest: no such requirement; did you mean"),
    ],
)
def test_a_slip_has_its_line_and_what_was_meant(written: str, said: str) -> None:
    with pytest.raises(UnusableAssignment) as told:
        of_text(written, "a.toml")
    assert str(told.value).startswith(f"a.toml:{said}")


@pytest.mark.parametrize("above", ["[limits]\ncpu_s = 5\n", '[hints]\n"reaping/burst" = "Look."\n'])
@pytest.mark.parametrize("pasted", TABLES)
def test_a_table_of_the_documents_can_be_pasted_below_any_other(above: str, pasted: str) -> None:
    if above.partition("\n")[0] in pasted:
        pytest.skip("it is the same table")
    alone, both = of_text(pasted, "a.toml"), of_text(above + pasted, "a.toml")
    assert both.assignment.marking == alone.assignment.marking
    assert both.assignment.feedback == alone.assignment.feedback
    assert both.assignment.contract == alone.assignment.contract
    assert both.tier == alone.tier


@pytest.mark.parametrize("setting", ['tier = "robust"', "most_points = 9", "contract.closes = false"])
def test_a_setting_of_the_file_may_stand_below_a_table(setting: str) -> None:
    table = "[points]\nlecture = 12\n"
    below, above = of_text(table + setting, "a.toml"), of_text(f"{setting}\n{table}", "a.toml")
    assert (below.tier, below.assignment) == (above.tier, above.assignment)
