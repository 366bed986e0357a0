"""What is one's own: the dashboard that one begins with, and the tokens that one has made."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fixtures.naming import fresh
from fixtures.product import PASSWORD, Product

API = "/api/v1"


@pytest.fixture
def person(product: Product) -> Iterator[httpx.Client]:
    """A browser in which an admin has signed in."""
    login = product.person("admin")
    with httpx.Client(base_url=product.url, headers={"Origin": product.url}, timeout=30) as client:
        answer = client.post("/login", data={"login": login, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
        yield client


def test_a_person_begins_with_the_dashboard_that_they_chose(product: Product, person: httpx.Client) -> None:
    name, folder = fresh("begin"), fresh("shut")
    product.save({"dashboard_id": name, "title": "Begin here"})
    assert person.get("/home").headers["Location"] == "/"
    assert person.get(f"{API}/account").json()["home"] is None
    assert person.put(f"{API}/account/home", json={"dashboard_id": name}).status_code == 204
    home = person.get(f"{API}/account").json()["home"]
    assert home == {"dashboard_id": name, "title": "Begin here", "url": f"/d/{name}/begin-here"}
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        assert person.get("/", headers=headers).headers["Location"] == home["url"]
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Referer": product.url}):
        assert person.get("/", headers=headers).status_code == 200, "whoever goes to the list sees the list"
    assert person.get("/?tag=x").status_code == 200
    assert person.get("/home").headers["Location"] == home["url"]
    missing = person.put(f"{API}/account/home", json={"dashboard_id": "none-such"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert person.delete(f"{API}/dashboards/{name}").status_code == 204
    assert person.get("/home").headers["Location"] == "/", "one that is gone is nobody's home"
    assert person.post(f"{API}/folders", json={"uid": folder, "title": folder}).status_code == 201
    with product.client("viewer") as token:
        refused = token.put(f"{API}/account/home", json={"dashboard_id": "host"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_ones_own_tokens_are_listed_and_revoked_and_those_of_others_are_not(
    product: Product, person: httpx.Client
) -> None:
    name = fresh("mine")
    made = person.post(f"{API}/tokens", json={"name": name, "role": "viewer"}).json()
    assert [one["name"] for one in person.get(f"{API}/account").json()["tokens"]] == [name]
    theirs = next(one for one in person.get(f"{API}/tokens").json()["items"] if one["name"] != name)
    assert person.delete(f"{API}/account/tokens/{theirs['id']}").status_code == 404
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert httpx.get(f"{product.url}{API}/account", headers=bearer).json()["login"] == name
    assert person.delete(f"{API}/account/tokens/{made['id']}").status_code == 204
    assert httpx.get(f"{product.url}{API}/account", headers=bearer).status_code == 401
    assert person.get("/account").status_code == 200
    assert httpx.get(f"{product.url}/account").headers["Location"].startswith("/login?next=")
