"""X's own OpenAPI description, as a judge of what we ask and of what our stand-in answers."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from tests.listener.standins import Answer, Request


class XDescription:
    """Stricter than OpenAPI: what the description does not name is not allowed either."""

    def __init__(self, path: Path) -> None:
        described = json.loads(path.read_text(encoding="utf-8"))
        self._paths: dict[str, Any] = described["paths"]
        self._components: dict[str, Any] = _strict(described["components"])

    def check(self, request: Request, answer: Answer) -> None:
        """Fail where the request or its answer is not as X describes it."""
        operation, in_path = self._operation(request)
        parameters = [self._resolved(parameter) for parameter in operation.get("parameters", [])]
        for parameter in parameters:
            if parameter["in"] == "path":
                self.check_value(in_path[parameter["name"]], parameter["schema"])
        self._check_query(request, {one["name"]: one for one in parameters if one["in"] == "query"})
        if "requestBody" in operation:
            self.check_value(json.loads(request.body), _json_schema(operation["requestBody"]))
        responses = operation["responses"]
        described = responses.get(str(answer.status)) or responses["default"]
        self.check_value(json.loads(answer.body), _json_schema(described, answer.headers["Content-Type"]))

    def _operation(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        for template in sorted(self._paths, key=lambda path: path.count("{")):
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            if found := re.fullmatch(pattern, urlsplit(request.path).path):
                return self._paths[template][request.method.lower()], found.groupdict()
        raise AssertionError(f"X describes no {request.path}")

    def _check_query(self, request: Request, known: dict[str, Any]) -> None:
        assert set(request.query) <= set(known), f"unknown parameters: {set(request.query) - set(known)}"
        required = {name for name, parameter in known.items() if parameter.get("required")}
        assert required <= set(request.query)
        for name, value in request.query.items():
            schema = known[name]["schema"]
            self.check_value(_parsed(value, schema.get("type")), schema)

    def check_value(self, value: Any, schema: dict[str, Any]) -> None:
        """Fail where a value does not fit a schema, which may refer to the description's components."""
        Draft202012Validator({**_strict(schema), "components": self._components}).validate(value)

    def _resolved(self, parameter: dict[str, Any]) -> dict[str, Any]:
        reference = parameter.get("$ref")
        found: dict[str, Any] = (
            self._components["parameters"][reference.rpartition("/")[2]] if reference else parameter
        )
        return found


def _parsed(value: str, type_: str | None) -> Any:
    if type_ == "integer":
        return int(value)
    return value.split(",") if type_ == "array" else value


def _json_schema(described: dict[str, Any], content_type: str = "application/json") -> dict[str, Any]:
    found: dict[str, Any] = described["content"][content_type.partition(";")[0]]["schema"]
    return found


def _strict(schema: Any) -> Any:
    """The same in JSON Schema, with `nullable` put in its words and unnamed properties forbidden."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return deepcopy(schema)
    made = {name: _strict(part) for name, part in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made
