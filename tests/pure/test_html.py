"""Pages: what they show is text, they name nobody else, they hold together, and they stay small."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import jinja2
import pytest
from markupsafe import escape

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime, Span, space_time
from harness.engine import catalogue, recordings_file
from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome, blocked, failed, passed
from harness.record.events import (
    BuildFailed,
    Built,
    Connected,
    Fin,
    Left,
    Printed,
    Received,
    Sent,
    Standing,
    Stood,
    Submitted,
)
from harness.record.recording import Recording
from harness.record.role import Role
from harness.record.visits import Visit
from harness.report import hide_paths
from harness.report.failure_lines import by_hand
from harness.report.html import (
    crowd_waits,
    diagram_axis,
    diagram_in_words,
    diagram_signs,
    diagram_svg,
    site,
    student_page,
    write_pages,
)
from harness.report.sketch import sketch
from harness.results.assignment import Assignment
from harness.results.marking import Award, Feedback, Marking, Override, mark
from harness.results.result import Result, decide
from harness.results.rubric import Rubric
from harness.results.student import Student, as_told
from tests.command import run_here
from tests.recordings import cut, story
from tests.stories import CASES, abuse, concurrency, contract, fork, lifecycle, reaping, service, stream  # noqa: F401

NOW = "2026-11-23T12:00:00"
REQUIREMENTS = catalogue.load().requirements
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31mred\x07 {{ 7 * 7 }} \u202e"
BUILT_IN = "/var/cache/forkspec/builds/d6ab3f93eb7d537df31f1b53"
VOID = {"meta", "img", "br", "link", "input", "hr"}
CLOSED = {"path", "circle", "rect", "line", "use"}


class Page(HTMLParser):
    """A page taken apart: elements with attributes in order, ids, texts; complains of crossed tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self.open, f"</{tag}> without its beginning"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text between."""
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """All text, in single spaces."""
        return " ".join(" ".join(self.texts).split())


@cache
def failures() -> dict[str, Recording]:
    """For each scenario a story: one that fails what no other requirement needs, or one that passes."""
    baselines = {need for each in REQUIREMENTS for need in each.needs}
    found: dict[str, Recording] = {}
    for case in CASES:
        recording = case.tell()
        fails = case.outcome is Outcome.FAIL and case.requirement not in baselines
        if (fails or case.outcome is Outcome.PASS) and case.judged_by in REQUIREMENTS:
            holds = all(
                each.decide(recording).outcome is not Outcome.FAIL
                for each in REQUIREMENTS
                if each.id in baselines and each.scenario == recording.scenario
            )
            if holds and (fails or recording.scenario not in found):
                found[recording.scenario] = recording
    return found


def result_of(recordings: dict[str, Recording], **settings: object) -> Result:
    return decide(REQUIREMENTS, recordings, Rubric(), assignment=Assignment(**settings))  # type: ignore[arg-type]


def printing(text: str) -> dict[str, Recording]:
    """The stories, in each of which the server prints this."""
    event = Printed(1, "server", text.encode())
    return {name: replace(each, events=(event, *each.events)) for name, each in failures().items()}


def told(name: str, result: Result, feedback: Feedback | None = None, **more: object) -> str:
    """The page of somebody in a class."""
    marks = mark(
        Marking((Award("all of it", 10, ("lecture",)), Award("style", 2, text=EVIL))),
        result.requirements,
        result.verdicts,
        [Override("style", 1, "nice & tidy")],
    )
    of = {"identity": {}, "remarks": (), "refused": "", "results": (result,), "marks": marks, **more}
    return student_page.of_student(Student(name, **of), feedback or Feedback(), NOW)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result() -> Result:
    return result_of(failures())


def test_what_others_wrote_is_text() -> None:
    evil = {key: replace(each, subject=EVIL, target=EVIL) for key, each in printing(EVIL).items()}
    ids = [each.id for each in REQUIREMENTS]
    result = result_of(evil, hints=dict.fromkeys(ids, EVIL), references=dict.fromkeys(ids, EVIL))
    text = told(EVIL, result, remarks=(EVIL,), refused=EVIL)
    page = Page(text)
    assert not page.all("script") + page.all("img")
    assert not [name for _, all_ in page.elements for name in all_ if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "49" not in EVIL
    assert "{{ 7 * 7 }}" in page.text
    assert r"\x1b[31mred\x07" in page.text
    assert r"\u202e" in page.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


def test_what_clients_received_is_no_markup_of_the_diagram() -> None:
    recording = next(iter(failures().values()))
    line = b"<a href='javascript:alert(1)'>\x1b</script>\n"
    odd = Connected(10_000_000, "<b>evil</b>", port=40_000)
    said = Received(20_000_000, "<b>evil</b>", line)
    seen = space_time(
        replace(recording, events=(*recording.events[:-1], odd, said, recording.events[-1]))
    )
    text = diagram_svg.drawing(seen)
    assert "&lt;b&gt;evil" in text
    drawn = {name for name, _ in Page(text).elements}
    assert drawn <= {"div", "svg", "text", "title", "rect", "line", "use", "path", "circle"}


def test_a_page_holds_together(result: Result) -> None:
    page = Page(student_page.of_result(result))
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in each for each in page.all("th"))
    pictures = [each for each in page.all("div") if each.get("class") == "chart"]
    assert pictures
    assert all(each["aria-hidden"] == "true" for each in pictures)
    assert len(page.all("figcaption")) == len(pictures)
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert not re.search(r"https?://", student_page.of_result(result))


def test_every_link_leads_somewhere(result: Result, tmp_path: Path) -> None:
    several = [result, replace(result, subject="Müller & Söhne/1"), result]
    write_pages.write_results(tmp_path / "out.html", several)
    pages = {path: Page(path.read_text()) for path in tmp_path.rglob("*.html")}
    assert {"out.html", "out-Müller-Söhne-1.html"} <= {path.name for path in pages}
    assert len(pages) == 1 + len(several)
    ids = {path: {each.get("id") for _, each in page.elements} for path, page in pages.items()}
    for path, page in pages.items():
        for attributes in page.all("a") + page.all("script"):
            file, _, place = (attributes.get("href") or attributes.get("src") or "").partition("#")
            leads_to = (path.parent / unquote(file)).resolve() if file else path
            assert leads_to.is_file(), f"{path.name}: {file}"
            assert not place or unquote(place) in ids[leads_to], f"{path.name}: {place}"


@pytest.mark.parametrize(
    "subjects", [("ex-2", "ex", "ex"), ("tcpserver2.cpp", "tcpserver"), ("a", "a", "a-2", "a", "?a")]
)
def test_every_result_has_a_file_of_its_own(
    subjects: Sequence[str], result: Result, tmp_path: Path
) -> None:
    several = [replace(result, subject=each, level=n) for n, each in enumerate(subjects)]
    write_pages.write_results(tmp_path / "out.html", several)
    overview = Page((tmp_path / "out.html").read_text())
    pages = [each["href"] for each in overview.all("a") if each["href"].startswith("out-")]
    assert len(set(pages)) == len(subjects)
    for n, page in enumerate(pages):
        assert f"Level {n} of" in Page((tmp_path / unquote(page)).read_text()).text


def test_a_page_is_one_file_that_needs_no_other(result: Result) -> None:
    for text in (student_page.of_result(result), told("Ada", result)):
        page = Page(text)
        ids = {each.get("id") for _, each in page.elements}
        for _, attributes in page.elements:
            for name in ("href", "src", "xlink:href", "data", "action", "srcset", "poster"):
                value = attributes.get(name, "#main")
                assert value.startswith("#"), value
                assert unquote(value[1:]) in ids, value
        assert all(f"fill-{name}" in ids for name in re.findall(r"url\(#fill-([a-z]+)\)", text))
        assert not re.search(r"url\((?!#)|@import|https?://|<script", text)


def test_what_matters_comes_first() -> None:
    some = list(failures().items())[:28]  # with all of them a page may have no room for the rest
    seen = {**dict(some), "one after another": reaping.left_behind(8)}
    text = told("Ada", result_of(seen))
    page = Page(text)
    order = [
        " of 12 points",
        "Why no further: level",
        "What was judged",
        "What failed first, and why",
    ]
    order += ["What else is not met", "What they are for", "All requirements", "What else was seen"]
    places = [page.text.index(words) for words in order]
    assert places == sorted(places)
    assert text.index('class="chart"') < text.index('<table class="points-for">')
    first = text.index('<details open class="failure')
    picture, observed = (text.index(each, first) for each in ('class="chart"', "<dt>observed</dt>"))
    assert first < picture < observed < text.index('<details open class="failure', first + 1)


def test_who_has_all_of_a_group_finds_it_folded_and_blocked_is_a_line(result: Result) -> None:
    verdicts = {i: passed("") if i.startswith("fork/") else v for i, v in result.verdicts.items()}
    verdicts |= {i: blocked("service/reply") for i in verdicts if i.startswith("stream/")}
    result = replace(result, verdicts=verdicts)
    page = Page(student_page.of_result(result))
    groups = [each for each in page.all("details") if each.get("class") == "group"]
    assert any("open" in each for each in groups)
    assert any("open" not in each for each in groups)
    assert [each["class"] for each in page.all("details")].count("blocked") == 1
    assert "not judged: service/reply fails" in page.text
    assert all(identifier in page.text for identifier in verdicts)


def test_failures_of_one_cause_tell_it_once() -> None:
    result = result_of(failures())
    ids = [r.id for r in result.requirements if result.verdicts[r.id].outcome is Outcome.FAIL][:2]
    cause = next(iter(CAUSES))
    verdicts = dict(result.verdicts)
    for each, verdict in result.verdicts.items():
        told_of = replace(verdict.evidence, cause=cause if each in ids else "")
        verdicts[each] = replace(verdict, evidence=told_of)
    text = student_page.of_result(replace(result, verdicts=verdicts))
    assert text.count("<dd>the same cause as ") == 1
    assert text.count(f"<dd>{escape(CAUSES[cause].told_of(result.subject).because)}</dd>") == 1


def test_what_was_judged_is_told() -> None:
    told_of = Submitted(
        0, "server", ("server.c", "net.h"), 30, "cc -o server server.c", "./server 54321", "2026-11-28"
    )
    seen = failures()
    seen = {name: replace(each, events=(told_of, *each.events)) for name, each in seen.items()}
    page = Page(told("Ada", result_of(seen, source="/home/me/ex 1.toml"), remarks=("late",)))
    for words in ("ex 1.toml", "2026-11-28", "server.c, net.h, and 28 more", "cc -o server server.c"):
        assert words in page.text
    assert "started by ./server 54321" in page.text
    assert "handed in late" in page.text
    assert "/home/me" not in page.text


def test_everything_that_failed_is_explained(result: Result) -> None:
    page = Page(student_page.of_result(result))
    failed = [i for i, each in result.verdicts.items() if each.outcome is Outcome.FAIL]
    opened = [each for each in page.all("details") if each.get("class", "").startswith("failure")]
    assert [each["id"] for each in opened if "open" in each]
    for identifier in failed:
        verdict = result.verdicts[identifier]
        assert identifier in {each["id"] for each in opened}
        for words in (verdict.evidence.observed, verdict.evidence.expected):
            assert " ".join(words.split()) in page.text
        requirement = catalogue.find(identifier)
        recipe = "".join(by_hand(result, requirement).replace("`", "").split())
        assert recipe in page.text.replace(" ", "")
        assert verdict.evidence.cause or requirement.why in page.text


def test_a_recipe_has_the_servers_port_where_its_scenario_was_not_played() -> None:
    result = result_of({"starting": story("starting").starts(port=47_001, v6_only=True).quiet().over()})
    told = by_hand(result, catalogue.find("concurrency/latency"))
    assert "nc ::1 47001" in told
    assert "54321" not in told


def test_nobody_else_and_no_folder_of_this_machine() -> None:
    said = f'listening\nTraceback:\n  File "{BUILT_IN}/server.py", line 8, in <module>\n'
    result = result_of(printing(said))
    named = {key: replace(each, target="Ada") for key, each in result.recordings.items()}
    text = told("Ada", replace(result, subject="Ada", recordings=named))
    assert 'File ".../server.py", line 8' in Page(text).text
    assert BUILT_IN not in text
    assert not re.search(r"(?<![\w.])/(work|home|root|var|tmp)/", text)


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (f"{BUILT_IN}/a/server.c:3: error", ".../a/server.c:3: error"),
        (f"usage: {BUILT_IN}/server PORT", "usage: .../server PORT"),
        ('File "/usr/lib/python3.11/socket.py", line 1', 'File ".../socket.py", line 1'),
        (f"{BUILT_IN} holds me", "... holds me"),
        (f"['{BUILT_IN}', '/usr/lib/python3.11']", "['...', '/usr/lib/python3.11']"),
        (f"/x/kept{BUILT_IN[-25:]}/server.c: no", ".../server.c: no"),
        ("in /tmp/forkspec-build-x_1/a", "in .../a"),
        ("cwd=/home/me/.cache/forkspec", "cwd=..."),
        (f"{Path.home()}/class is mine", ".../class is mine"),
        ("GET /index.html HTTP/1.0", "GET /index.html HTTP/1.0"),
        ("listening on tcp://127.0.0.1:54321/", "listening on tcp://127.0.0.1:54321/"),
        ("1/2/3 and a/b.c", "1/2/3 and a/b.c"),
    ],
)
def test_folders_are_left_out(text: str, told_as: str) -> None:
    assert hide_paths.without_paths(text) == told_as


@pytest.mark.parametrize("part", ["/!", "/a", "//", "/a.b", "a/", "/tmp", "a" * 24 + "/"])
def test_looking_for_folders_takes_no_time(part: str) -> None:
    def spent_s(size: int) -> float:
        text = part * (size // len(part))
        start_s = time.process_time()
        hide_paths.without_paths(text)
        hide_paths.without_our_folders(text)
        return time.process_time() - start_s

    short_s, long_s = (min(spent_s(size) for _ in range(3)) for size in (1 << 14, 1 << 16))
    assert long_s < 10 * short_s + 0.001  # four times the text: sixteen times would be its square


def test_half_a_folder_at_the_cut_is_left_out() -> None:
    text = told("Ada", result_of(printing(f"a {BUILT_IN}/b " * 1000)))
    assert "/var/cache" not in text
    assert "characters in all]" in text


def on_trial(role: Role, said: str) -> Result:
    """A program of a role that prints, warns and fails all over."""
    needed = catalogue.load(role).requirements
    events = (
        Built(1, "server", said.encode()),
        BuildFailed(1, "server", said.encode()),
        Printed(1, "server", said.encode()),
    )
    recordings = {
        each.scenario: Recording(each.scenario, "ada.c", "plain", 0, events) for each in needed
    }
    decided = decide(needed, recordings, Rubric())
    bad = {each.id: failed(said, expected=said) for each in needed}
    return replace(decided, verdicts=bad)


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["\U000e0001", "<", "&'"])
def test_a_page_of_three_roles_is_small_whatever_they_print(odd: str) -> None:
    server, client = (on_trial(role, odd * 60_000) for role in (Role.SERVER, Role.CLIENT))
    results = (server, client, replace(server, subject="another"))
    text = told("Ada", server, results=results)
    assert len(text.encode()) <= student_page.MOST_BYTES
    Page(text)


def test_a_failure_has_one_address_in_every_role() -> None:
    results = tuple(on_trial(role, "no") for role in (Role.SERVER, Role.CLIENT))
    page = Page(told("Ada", results[0], results=results))
    opened = {each["id"] for each in page.all("details") if "failure" in each.get("class", "")}
    assert opened == {each.id for result in results for each in result.requirements}
    ids = {each.get("id") for _, each in page.elements}
    assert all(each["href"][1:] in ids for each in page.all("a") if each["href"].startswith("#"))


def test_a_page_is_small_whatever_was_seen() -> None:
    recordings = printing("x" * 200_000)
    longest = max(recordings.values(), key=lambda each: len(each.events))
    crowded = tuple(
        event
        for n in range(60)
        for name in [f"client {n} {'of a very long name ' * 5}"]
        for at_ns in [1_000_000 * n]
        for event in (
            Connected(at_ns, name, port=n),
            Sent(at_ns, name, b"hello " * 50),
            Received(at_ns, name, b"hello " * 50),
            Fin(at_ns, name),
            Left(at_ns, name),
        )
    )
    for name in recordings:
        recordings[name] = replace(recordings[name], events=(*longest.events[:-1], *crowded))
    assert len(student_page.of_result(result_of(recordings)).encode()) <= student_page.MOST_BYTES


def test_what_is_hidden_is_not_on_the_page(result: Result) -> None:
    hidden = Feedback(hidden=("abuse/*",))
    assert "abuse/" in told("Ada", result)
    assert "abuse/" not in told("Ada", result, hidden)
    assert "a hidden" not in told("Ada", result, hidden)
    assert "requirements are hidden" in told("Ada", result, hidden)
    assert "requirements are hidden" not in told("Ada", result)


@pytest.mark.parametrize("early", ["all", "observed"])
def test_no_picture_tells_what_is_hidden(early: str) -> None:
    silent = story("silent client").starts().connects("silent").serves("quick", reaped=False)
    seen = {**failures(), "one after another": reaping.left_behind(8), "silent client": silent.over()}
    judged = replace(result_of(seen), retried=("one after another", "silent client"))
    hidden = Feedback(early, hidden=("reaping/*",))
    drawn = re.compile(r"<figure.*?</figure>", re.DOTALL)
    assert "zombie" in "".join(drawn.findall(told("Ada", judged)))
    text = told("Ada", judged, hidden)
    pictures = "".join(drawn.findall(text))
    assert "<svg" in pictures
    assert not re.search(r"zombie\b|has waited for it|reaped|exits", pictures)
    assert "since the first try did not tell: silent client<" in text
    shown = as_told(judged, hidden, NOW)
    assert not shown.recordings["one after another"].events
    assert shown.diagnosis.design == judged.diagnosis.design == "fork"
    assert (shown.diagnosis.reaping, judged.diagnosis.reaping) == ("", "none")
    assert sketch(shown.recordings["silent client"], "concurrency/silent-client", 100) is None
    assert as_told(judged, Feedback(early), NOW).recordings["one after another"].events


def test_all_hidden_is_still_a_page(result: Result) -> None:
    assert 'class="chart"' not in told("Ada", result, Feedback(hidden=("*",)))


def test_causes_are_kept_back_before_the_deadline() -> None:
    event = Stood(1, "keeper", (Standing(100, "read", ("serve(), secret.c:38",)),))
    seen = {
        name: replace(each, events=(*each.events[:-1], event, *each.events[-1:]))
        for name, each in failures().items()
    }
    located = result_of(seen)
    early = Feedback(before_deadline="observed", deadline="2027-01-31")
    assert "secret.c:38" in told("Ada", located)
    page = told("Ada", located, early)
    assert "secret.c" not in page
    assert "<dt>because</dt>" not in page
    assert "<dt>observed</dt>" in page


def test_a_server_and_a_client_share_a_page(result: Result) -> None:
    text = told("Ada", result, results=(result, replace(result, subject="Ada (client)", level=None)))
    page = Page(text)
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert "Ada (client)" in page.text
    assert len(text.encode()) <= student_page.MOST_BYTES


def test_who_could_not_be_judged_has_a_page(result: Result) -> None:
    page = Page(told("Ada", result, results=(), refused="server.zip: nothing to run in it"))
    assert "nothing to run in it" in page.text
    assert "pending" in page.text


def test_a_picture_that_breaks_costs_no_page(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    assert "by a fault of forkspec" not in student_page.of_result(result)
    monkeypatch.setattr(diagram_in_words, "summary", breaks)
    assert "Not drawn, by a fault of forkspec" in Page(student_page.of_result(result)).text


def test_a_recording_that_breaks_off_is_drawn() -> None:
    for recording in failures().values():
        for end in range(1, len(recording.events), 7):
            seen = space_time(cut(recording, end))
            if seen.lanes:
                diagram_svg.drawing(seen)
                diagram_in_words.rows(seen)
                diagram_in_words.summary(seen)


@pytest.mark.parametrize("recording", failures().values(), ids=list(failures()))
def test_a_diagram_is_of_one_piece(recording: Recording) -> None:
    seen = space_time(recording)
    if not seen.lanes:
        return
    drawn = Page(diagram_svg.drawing(seen))
    (height,) = {float(each["height"]) for each in drawn.all("svg") if "viewbox" not in each}
    for each in drawn.all("rect") + drawn.all("use") + drawn.all("line"):
        left, wide = (float(each.get(name, "0%").rstrip("%")) for name in ("x", "width"))
        assert 0 <= left <= left + wide <= 100.01
        assert all(0 <= float(each[name]) <= height for name in ("y", "y1", "y2") if name in each)
    lanes, cuts = diagram_axis.shown(seen, diagram_axis.MOST)
    assert len(diagram_in_words.rows(seen)) == len(lanes) + len(cuts)
    assert all(spans or marks for _, spans, marks in diagram_in_words.rows(seen))
    signs = Path(site.__file__).parent / "templates" / "signs.html"
    shapes = re.findall('id="([a-z-]+)"', signs.read_text())
    assert {each["href"][1:] for each in drawn.all("use")} <= set(shapes)


def test_the_table_has_spans_with_begin_and_end() -> None:
    told = story("silent client").starts().connects("silent").accepts("silent").quiet()
    told.connects("quick").quiet().asks("quick", b"hello\n").quiet()
    seen = space_time(told.leaves("silent", "quick").quiet().over())
    rows = {name: spans for name, spans, _ in diagram_in_words.rows(seen)}
    assert re.search(r"[\d.]+ to [\d.]+ ms: has asked, waits", rows["quick"])
    assert re.search(r"about [\d.]+ to .*serves silent", rows["server"])
    for lane in seen.lanes:
        assert rows[lane.name].count(": ") == len([s for s in lane.spans if s.end_ns > seen.start_ns])


def test_what_nobody_saw_is_about() -> None:
    server = Lane(
        "server",
        (
            Span(0, 50_000_000, Phase.IDLE, "holds no client", is_end_exact=False),
            Span(50_000_000, 90_000_000, Phase.SERVING, "serves one", is_start_exact=False),
        ),
        (Mark(20_000_000, Happening.NOTE, "was seen", is_exact=False),),
        pid=1,
    )
    seen = SpaceTime("any", 0, 100_000_000, (), (server,), (), ())
    ((_, spans, marks),) = diagram_in_words.rows(seen)
    assert spans == "0.0 to about 50.0 ms: holds no client; about 50.0 to 90.0 ms: serves one"
    assert marks == "about 20.0 ms was seen"
    drawn = Page(diagram_svg.drawing(seen))
    assert [each["class"] for each in drawn.all("line") if each["class"] == "vague"] == ["vague"]
    assert "server about 20.0 ms: was seen" in drawn.text
    assert "server, about 50.0 to 90.0 ms: serves one" in drawn.text
    assert "begins or ends about then" in {words for _, words in diagram_signs.signs(seen)}


def test_a_sign_lies_where_it_happened() -> None:
    marks = tuple(
        Mark(at, what, what.value)
        for at, what in (
            (10_000_000, Happening.CONNECTS),
            (10_500_000, Happening.REPLY),
            (10_700_000, Happening.LEAVES),
        )
    )
    spans = (Span(10_000_000, 10_700_000, Phase.SILENT, "silent"),)
    seen = SpaceTime("any", 0, 100_000_000, (Lane("one", spans, marks),), (), (), ())
    drawn = Page(diagram_svg.drawing(seen))
    (sign,) = drawn.all("use")
    assert sign["href"] == "#sign-reply"
    assert sign["x"] == f"{100 * (0.105 + 0.008) / 1.022:.2f}%"
    assert "one 10.0 ms: connects 10.5 ms: reply 10.7 ms: leaves" in drawn.text


@pytest.mark.parametrize(
    ("answered", "rows"),
    [
        (20, ["2 ms", "40 ms", "1.01 s", "1.01 s"]),
        (15, ["2 ms", "40 ms", "never", "never", "5 of 20"]),
        (0, ["2 ms", "never", "never", "never", "20 of 20"]),
    ],
)
def test_who_was_never_answered_is_counted(answered: int, rows: list[str]) -> None:
    def visit(wait_ms: float) -> Visit:
        at_ns = 1_000_000
        answered_ns = at_ns + int(1e6 * wait_ms) if wait_ms else 0
        return Visit(b"hi\n", at_ns, at_ns, at_ns, answered_ns, answered_ns, b"HI\n" if wait_ms else b"")

    waits = [40.0] * 19 + [1010.0]
    crowd = [visit(wait if n < answered else 0) for n, wait in enumerate(waits)]
    told = story("latency").starts().crowds("lone", [visit(2)] * 5).crowds("crowd", crowd)
    latency = crowd_waits.latency(told.over())
    assert latency is not None
    assert [value for _, value, _ in latency["rows"]] == rows
    assert all(value in latency["words"] for value in rows)
    assert ("never answered" in latency["words"]) is (answered < 20)
    assert not re.search(
        r"e\+|nan|inf", str(latency["rows"]) + re.sub("<[a-z]+|fin", "", latency["drawing"])
    )


def test_children_that_were_seen_are_counted_as_such() -> None:
    told = story("one after another").starts().serves("client 1").over()
    assert "1 client and 1 child seen" in diagram_in_words.summary(space_time(told))


def test_bars_stand_out_from_the_paper() -> None:
    """WCAG 2.2, 1.4.11 (AA): 3 to 1; where the label "alive" has a bar's colour, 4.5 to 1."""
    style = (Path(site.__file__).parent / "assets" / "forkspec.css").read_text()
    for colours in style.split("prefers-color-scheme: dark")[:2]:
        named = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", colours))
        for phase in Phase:
            if phase.value in named:
                assert contrast(named[phase.value], named["paper"]) >= 3, phase
        for name in ("serving", "zombie"):
            assert contrast(named[name], named["paper"]) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_name_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        site.render("student.html")


def test_the_shared_files_are_written_once(tmp_path: Path) -> None:
    site.write_assets(tmp_path)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "assets").iterdir()}
    assert set(written) == {"class.js"}
    site.write_assets(tmp_path)
    assert written == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "assets").iterdir()}


def test_faces_write_pages(tmp_path: Path, result: Result) -> None:
    seen, out = tmp_path / "seen.jsonl", tmp_path / "out.html"
    seen.write_text(recordings_file.written([result]))
    run_here("judge", seen, "--html", out)
    assert Page(out.read_text()).all("h1")
    assert run_here("explain", "--html", tmp_path / "all").returncode == 0
    assert (tmp_path / "all" / "reaping" / "burst.html").is_file()
    ended = run_here("judge", seen, "--html", "/proc/nowhere/out.html")
    assert ended.returncode == 3
    assert ended.stderr.startswith("forkspec: /proc/nowhere")
    assert ended.stdout
