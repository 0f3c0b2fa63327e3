"""CMake: configured for debugging, and built in a folder of its own."""

from typing import Final

from harness.subject.form import FOLDER, Form, Shape, Tools, Words
from harness.subject.tools import Tool


def _commands(_: Shape, tools: Tools) -> tuple[Words, ...]:
    cmake = tools["cmake"]
    prepare = (cmake, "-S", ".", "-B", FOLDER, "-DCMAKE_BUILD_TYPE=Debug")
    return prepare, (cmake, "--build", FOLDER)


FORM: Final = Form(
    name="cmake",
    build_files=("CMakeLists.txt",),
    tools=(Tool("cmake"),),
    commands=_commands,
    litter=frozenset({"CMakeFiles"}),
)
