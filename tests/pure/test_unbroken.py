"""A command that fits into a line is not broken in a terminal; a longer one is, and loses no sign."""

from rich.table import Table
from rich.text import Text

from harness.report.text import plain
from harness.report.unbroken import Unbroken, held_together

SHORT = "first of all `printf hel | timeout 1 nc 127.0.0.1 54321`, then wait"
WIDTH = 50


def lines(text: str) -> list[str]:
    table = Table(box=None, show_header=False, padding=0)
    table.add_column(overflow="fold")
    table.add_row(Text(held_together(text, WIDTH)))
    return plain(lambda out: out.print(Unbroken(table)), WIDTH).splitlines()


def test_a_command_that_fits_into_a_line_stays_in_one() -> None:
    assert lines(SHORT) == ["first of all", "`printf hel | timeout 1 nc 127.0.0.1 54321`, then", "wait"]


def test_a_longer_one_is_broken_between_its_words() -> None:
    told = lines(f"`{'echo hello; ' * 6}`")
    assert all(len(each) <= WIDTH for each in told)
    assert " ".join(told).count("echo hello;") == 6
