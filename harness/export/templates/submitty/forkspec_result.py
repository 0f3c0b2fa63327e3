"""Give Submitty what forkspec has written in the test case's folder, as the result of the validation."""

import json
import pathlib

told = json.loads(pathlib.Path("custom_validator_input.json").read_text(encoding="utf-8"))
found = pathlib.Path(told.get("testcase_prefix", "")) / "forkspec.json"
try:
    result = json.loads(found.read_text(encoding="utf-8"))
except (OSError, ValueError) as error:
    result = {"status": "failure", "message": f"{found}: {error}"}
pathlib.Path("validation_results.json").write_text(json.dumps(result), encoding="utf-8")
