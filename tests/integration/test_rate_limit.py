"""The limit of API requests over two nodes that share a Redis, and without it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from fixtures.product import Product, ProductMaker, free_port
from fixtures.redis import RedisServer, started

ADDRESS = "/api/v1/folders"
LIMIT, SOURCE_LIMIT = 100, 5


@pytest.fixture(scope="module")
def nodes(
    make_product: ProductMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Product, Product, RedisServer]]:
    """Two servers over one database and one Redis, which the last test kills."""
    folder, redis = tmp_path_factory.mktemp("nodes"), started()
    shared = {
        "HELIOGRAPH_DATABASE_URL": f"sqlite:///{folder / 'shared.db'}",
        "HELIOGRAPH_METRICS_URL": f"http://127.0.0.1:{free_port()}/",  # no store is needed here
        "HELIOGRAPH_SECRET_KEY": "a secret that both nodes have",
        "HELIOGRAPH_REDIS_URL": redis.url,
        "HELIOGRAPH_RATE_LIMIT": f"{LIMIT}/minute",
        "HELIOGRAPH_SOURCE_RATE": f"{SOURCE_LIMIT}/hour",
    }
    first = make_product(data_dir=folder / "one", **shared)
    second = make_product(data_dir=folder / "two", **shared)
    yield first, second, redis
    first.stop()
    second.stop()
    redis.kill()


def client(node: Product, token: str) -> httpx.Client:
    return httpx.Client(base_url=node.url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_a_source_is_asked_by_all_nodes_together_no_more_often_than_its_rate(
    nodes: tuple[Product, Product, RedisServer],
) -> None:
    first, second, _ = nodes
    token, end_ms = first.token("editor"), 1_700_000_000_000
    with client(first, token) as here, client(second, token) as there:

        def ask(node: httpx.Client, number: int) -> httpx.Response:
            range_ = {"from": end_ms - 3_600_000 * (number + 1), "to": end_ms}
            return node.post(
                "/api/v1/query", json={"datasource": "heliograph", "query": {"kind": "annotations"}, **range_}
            )

        answers = [ask((here, there)[number % 2], number) for number in range(SOURCE_LIMIT)]
        assert [answer.status_code for answer in answers] == [200] * SOURCE_LIMIT
        for node in (here, there):
            refused = ask(node, SOURCE_LIMIT)
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_who_tries_passwords_is_told_to_wait_and_others_of_the_address_and_elsewhere_are_not(
    nodes: tuple[Product, Product, RedisServer],
) -> None:
    first, second, _ = nodes
    form = {"login": "nobody", "password": "a guess"}
    with httpx.Client(headers={"X-Forwarded-For": "203.0.113.7"}, timeout=60) as guesser:
        tries = [guesser.post(f"{(first, second)[index % 2].url}/login", data=form) for index in range(21)]
        assert [answer.status_code for answer in tries] == [401] * 20 + [429]
        assert 0 < int(tries[-1].headers["Retry-After"]) <= 60
        assert "Too many tries" in tries[-1].text
        assert guesser.post(f"{first.url}/login", data={**form, "login": "somebody"}).status_code == 401
        guesser.headers["X-Forwarded-For"] = "203.0.113.8"
        assert guesser.post(f"{first.url}/login", data=form).status_code == 401


def test_one_request_more_than_allowed_is_refused_on_both_nodes_and_nobody_else_is_affected(
    nodes: tuple[Product, Product, RedisServer],
) -> None:
    first, second, redis = nodes
    token, other = first.token("viewer"), first.token("viewer")
    with client(first, token) as here, client(second, token) as there:
        began_s = time.time()
        answers = [here.get(ADDRESS)]
        answered_s = time.time()
        answers += [(here, there)[index % 2].get(ADDRESS) for index in range(1, LIMIT)]
        assert {answer.status_code for answer in answers} == {200}
        for node in (here, there):
            asked_s = time.time()
            refused = node.get(ADDRESS)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            # It was let in between began_s and answered_s, and leaves the window a minute later.
            wait_s = int(refused.headers["Retry-After"])
            assert began_s + 60 - time.time() <= wait_s <= answered_s + 60 - asked_s + 1
    with client(first, other) as here, client(second, other) as there:
        assert (here.get(ADDRESS).status_code, there.get(ADDRESS).status_code) == (200, 200)
        redis.kill()
        # Without Redis each node counts alone, and still counts.
        counted = [here.get(ADDRESS).status_code for _ in range(LIMIT + 1)]
        assert counted == [200] * LIMIT + [429]
        assert there.get(ADDRESS).status_code == 200
