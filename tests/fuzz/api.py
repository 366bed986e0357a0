"""The API as a state machine: all operations of its own document, by all roles, over what they made before."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote, quote_from_bytes

import httpx
import schemathesis
from fixtures.hostile import attacks, hostile
from fixtures.product import Product
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

API = "/api/v1"
ROLES = ("admin", "editor", "viewer", None)
# Sources and hooks that are made lead nowhere but to this machine, where nobody listens on that port.
NOWHERE = "http://127.0.0.9:9/"
URL = re.compile(r"^[a-z+]{2,15}:", re.IGNORECASE)
JSON = {"Content-Type": "application/json"}
ID = re.compile(r"(?:^|_)(?:id|uid)$")
TEXTS = (
    "",
    "\x00",
    "\ud800",
    "\u2028",
    "../../etc/passwd",
    "%00",
    "%2e%2e",
    "<script>",
    "${x}",
    "{{x}}",
    "$__all",
    "now-1d/d",
    "now/fQ",
    "1e309",
    "-0",
    "NaN",
    "a" * 5000,
    "(" * 500,
    "[" * 2000,
    "\\",
    "'",
    '"',
    "`",
    "e\u0301" * 200,
    "\u202e",
    "0x10",
    "٣",
    "9" * 400,
    "now-99999999999y",
    "1970-01-01T00:00:00Z",
)
PLACES = {"@FILE@": "/etc/hostname", "@FOLDER@": "/etc", "@OUT@": "/nonexistent/out", "@PORT@": "9"}
STATEMENTS = hostile(attacks("clickhouse", "store"), 800, PLACES, seed=3)
PROMQL = (
    "up",
    "rate(up[5m])",
    "sum by (a) (up)",
    "up{a=~'(.|.)*'}",
    "(" * 90 + "1" + ")" * 90,
    "up[5m:1s]",
    "label_replace(up, '', '', '', '')",
    "1/0",
)
TYPES = (
    "timeseries",
    "stat",
    "table",
    "gauge",
    "heatmap",
    "piechart",
    "barchart",
    "histogram",
    "text",
    "logs",
    "statetimeline",
    "bargauge",
    "row",
    "density",
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TEXTS)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(("from", "to", "id", "type", "query", "name", "options", "x")) | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


class Fault(AssertionError):  # noqa: N818 - reads as what it is
    """An answer that no request may have."""


def judge(answer: httpx.Response, what: str) -> None:
    """Fault for a server error that does not say that it is busy."""
    if answer.status_code >= 500 and answer.status_code not in (503, 504):
        raise Fault(f"{what} -> {answer.status_code} {answer.text[:300]}")


class People:
    """Clients by role, with new tokens where somebody deleted theirs."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.asked = 0
        self._clients = {role: product.client(role) for role in ROLES}

    def ask(self, role: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        self.asked += 1
        if "json" in more:  # in ASCII, in which half a character can be said too
            more = {**more, "content": json.dumps(more.pop("json")).encode(), "headers": JSON}
        answer: httpx.Response = self._clients[role].request(method, path, **more)
        if answer.status_code == 401 and role is not None:
            self._clients[role] = self._product.client(role)  # others may be asking by the one before
        judge(answer, f"{role} {method} {path[:200]} {str(more)[:600]}")
        return answer


def tamed(value: Any) -> Any:
    """The same, but that no URL leads away."""
    if isinstance(value, dict):
        return {key: tamed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [tamed(one) for one in value]
    return NOWHERE if isinstance(value, str) and URL.match(value) else value


class ApiMachine(RuleBasedStateMachine):
    """Class attributes are set by `fuzz_api`: the people, and the operations of the API's document."""

    people: ClassVar[People]
    operations: ClassVar[Sequence[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, None] = {"host": None, "store": None, "fuzzed": None}

    def ask(self, role: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.people.ask(role, method, path, **more)
        if (
            answer.headers.get("Content-Type", "").startswith("application/")
            and answer.status_code < 300
            and len(answer.content) < 100_000
        ):
            self.remember(answer.json() if answer.content else None)
        return answer

    def id_of(self, data: st.DataObject) -> str:
        """One that is known; what is drawn does not depend on what the server answered."""
        known = list(self.known)
        return known[data.draw(st.integers(0, 199)) % len(known)]

    def remember(self, document: Any) -> None:
        """The ids in an answer, for the paths of later requests."""
        if isinstance(document, dict):
            for key, value in document.items():
                if ID.search(key) and isinstance(value, (str, int)) and len(self.known) < 200:
                    self.known[str(value)] = None
                self.remember(value)
        elif isinstance(document, list):
            for one in document[:20]:
                self.remember(one)

    @rule(data=st.data(), role=st.sampled_from(ROLES), known=st.integers(0, 3))
    def an_operation(self, data: st.DataObject, role: str | None, known: int) -> None:
        operation = data.draw(st.sampled_from(self.operations))
        case = data.draw(operation.as_strategy())
        path = API + operation.path
        for name, value in (case.path_parameters or {}).items():
            part = self.id_of(data) if known else str(value)
            path = path.replace("{" + name + "}", quote_from_bytes(part.encode("utf-8", "surrogatepass")) or "x")
        more: dict[str, Any] = {"params": {key: str(value) for key, value in (case.query or {}).items()}}
        if isinstance(case.body, (dict, list)):
            more["json"] = tamed(case.body)
        self.ask(role, case.method, path, **more)

    @rule(data=st.data(), role=st.sampled_from(ROLES), text=st.sampled_from(STATEMENTS))
    def a_statement(self, data: st.DataObject, role: str | None, text: str) -> None:
        body = {"datasource": "store", "query": text, "from": "now-1h", "to": "now"}
        self.ask(
            role,
            "POST",
            f"{API}/query",
            json=body
            | data.draw(st.sampled_from([{}, {"inspect": True}, {"interval": "1s"}, {"variables": {"x": "'"}}])),
        )

    @rule(
        text=st.sampled_from(PROMQL) | st.text(max_size=60),
        source=st.sampled_from(["promql", "nowhere", "store", "heliograph"]),
    )
    def a_question(self, text: str, source: str) -> None:
        self.ask("editor", "POST", f"{API}/query", json={"datasource": source, "query": text})

    @rule(data=st.data(), kind=st.sampled_from(TYPES), junk=JUNK)
    def a_dashboard(self, data: st.DataObject, kind: str, junk: Any) -> None:
        """Saved with an odd part, opened, and asked panel by panel."""
        panel: dict[str, Any] = {
            "panel_id": 1,
            "type": kind,
            "title": "t",
            "datasource": "store",
            "query": data.draw(st.sampled_from([*STATEMENTS, {"metric": "node_load1"}])),
        }
        document: dict[str, Any] = {
            "dashboard_id": "fuzzed",
            "title": "Fuzzed",
            "panels": [panel],
            "variables": [{"name": "x", "type": "textbox"}],
        }
        target = data.draw(st.sampled_from([document, panel]))
        target[
            data.draw(
                st.sampled_from(
                    [
                        "options",
                        "query",
                        "variables",
                        "annotations",
                        "time",
                        "refresh",
                        "links",
                        "transformations",
                        "position",
                        "repeat",
                        "title",
                    ]
                )
            )
        ] = junk
        self.people.ask("editor", "DELETE", f"{API}/dashboards/fuzzed")
        made = self.ask("editor", "POST", f"{API}/dashboards", json=tamed(document))
        self.people.ask("viewer", "GET", "/d/fuzzed/x")
        if made.status_code == 201:
            value = data.draw(st.sampled_from(TEXTS[4:]) | st.text(max_size=20))
            self.ask(
                "viewer",
                "POST",
                f"{API}/query",
                json={"dashboard_id": "fuzzed", "panel_id": 1, "variables": {"x": value}},
            )

    @rule(body=JUNK, role=st.sampled_from(ROLES), data=st.data())
    def any_json(self, body: Any, role: str | None, data: st.DataObject) -> None:
        operation = data.draw(
            st.sampled_from([one for one in self.operations if one.method.lower() in ("post", "put")])
        )
        path = re.sub(r"\{\w+\}", lambda _: quote(self.id_of(data)), operation.path)
        self.ask(role, operation.method, API + path, json=tamed(body))


def fuzz_api(people: People, examples: int) -> None:
    """Some hundred requests; Fault for the first that is answered as none may be."""
    ApiMachine.people = people
    document: Mapping[str, Any] = people.ask("editor", "GET", f"{API}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(dict(document))
    ApiMachine.operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    held = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(ApiMachine, settings=held)
