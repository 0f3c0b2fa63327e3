"""What other packages add: found by entry point, and refused with a sentence that names the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import extensions
from harness.cohort.store import Store
from harness.cohort.store_file import StoreError
from harness.extensions import BrokenExtension
from tests.strangers import install


def test_what_an_installed_package_adds_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "adds_a_word", "WORD = 'word'\n", words="mine = adds_a_word:WORD")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = extensions.installed("forkspec.words", str)
    assert (found.name, found.package, found.value) == ("mine", "adds_a_word", "word")


def test_a_class_is_judged_with_the_extensions_that_it_was_begun_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "results") as store:
        store.grounds.observed_in(["plain"])
        install(tmp_path, "adds_a_form", "FORM = 5\n", forms="mine = adds_a_form:FORM")
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(StoreError, match=r"plain cell, and .* with adds_a_form 1\.0:"):
            store.grounds.observed_in(["plain"])


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("raises", "raise ValueError('no luck\\nat all')", "ValueError: no luck;"),
        ("leaves", "raise SystemExit(0)", "SystemExit: 0;"),
        ("lacks_it", "", "AttributeError: .*WORD.*;"),
        ("another_type", "WORD = 5", "another_type:WORD is a int, not a str;"),
    ],
)
def test_one_that_breaks_is_one_sentence_that_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str, says: str
) -> None:
    install(tmp_path, name, code, words=f"mine = {name}:WORD")
    monkeypatch.syspath_prepend(tmp_path)
    sentence = rf"^{name}: its extension mine \(forkspec.words\) cannot be used: {says} mend it, or"
    with pytest.raises(BrokenExtension, match=sentence) as broken:
        list(extensions.installed("forkspec.words", str))
    assert "\n" not in str(broken.value)
