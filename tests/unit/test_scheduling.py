"""How a run shares out its files: those that ask the product of the session are known by what their tests take."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.scheduling import ALONE, LIGHT, SHARING, kind_of, wanted

TESTS = Path(__file__).parents[1]
OWN = """
@pytest.fixture(scope="module")
def product(make_product): ...

def helper(editor): ...

async def test_it(product, page): ...
"""


def test_what_a_module_takes_from_elsewhere_is_what_its_tests_and_fixtures_name_and_it_does_not_make() -> None:
    assert wanted(OWN) == {"make_product", "page"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("browser/test_frontdoor.py", SHARING),
        ("integration/test_crash.py", SHARING),
        ("integration/test_rate_limit.py", ALONE),
        ("contract/test_metric_store.py", ALONE),
        ("unit/test_scheduling.py", LIGHT),
    ],
)
def test_a_file_is_shared_out_by_the_server_that_it_asks(path: str, kind: str) -> None:
    assert kind_of(TESTS / path) == kind
