"""Suffixes by which files are known as sources of C++, or as headers of C and C++."""

from typing import Final

CPP: Final = (".cc", ".cpp", ".cxx")
HEADERS: Final = (".h", ".hh", ".hpp")
