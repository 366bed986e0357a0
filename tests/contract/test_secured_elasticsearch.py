"""An Elasticsearch that speaks TLS alone and asks who one is: who gets in with what, and what is said to the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fixtures.certificates import certificate
from fixtures.contexts import context_of
from fixtures.search import SecuredServer

from heliograph.datasources.sources.base import SourceQuery
from heliograph.datasources.sources.elasticsearch import ElasticsearchSource
from heliograph.datasources.timerange import TimeRange
from heliograph.errors import HeliographError, SourceUnavailableError
from heliograph.scope import Role, Scope
from heliograph.storage.config.datasources import StoredSource

RANGE = TimeRange(1_700_000_000_000, 1_700_000_300_000)


@pytest.fixture(scope="module", autouse=True)
def _documents(secured_elasticsearch: SecuredServer) -> None:
    """Three in each of two indices."""
    with secured_elasticsearch.client() as admin:
        for place in (f"/{index}/_doc/{number}" for index in ("logs", "others") for number in range(3)):
            document = {"@timestamp": RANGE.from_ms + 1}
            admin.put(f"{place}?refresh=true", json=document).raise_for_status()


async def counted(url: str, secrets: Mapping[str, str], **options: Any) -> float:
    """How many documents a source with these secrets finds; what is against it is an error."""
    stored = StoredSource("logs", "Logs", "elasticsearch", url, {"index": "logs", **options}, dict(secrets))
    source = ElasticsearchSource(stored, context_of(stored))
    try:
        health = await source.test()
        if not health.ok:
            raise SourceUnavailableError(health.message)
        query = SourceQuery({"metrics": [{"type": "count"}], "by": []}, RANGE, 60.0, 100, Scope(1, Role.EDITOR), "q")
        (frame,) = (await source.query(query)).frames
        return float(frame.numbers[0].values[0])
    finally:
        await source.close()


async def test_who_has_the_password_and_trusts_the_authority_gets_in_and_nobody_else(
    secured_elasticsearch: SecuredServer, tmp_path: Path
) -> None:
    server = secured_elasticsearch
    named = server.url.replace("https://", f"https://{server.user}@")
    own, trusted = {"password": server.password}, {"ca_file": server.ca_file}
    assert await counted(named, own, **trusted) == 3
    assert await counted(server.url, own, user=server.user, **trusted) == 3
    assert await counted(named.replace("127.0.0.1", "localhost"), own, **trusted) == 3
    assert await counted(named, own, insecure=True) == 3
    other, _ = certificate(tmp_path, "other")
    for url, secrets, options in (
        (named, {"password": "another"}, trusted),
        (server.url, {"api_key": "bm86bm8="}, trusted),
        (server.url, {"token": "bm86bm8="}, trusted),
        (server.url, {}, trusted),
        (named, own, {}),
        (named, own, {"ca_file": other}),
        (named.replace("https", "http"), own, {}),
    ):
        with pytest.raises(HeliographError) as refused:
            await counted(url, secrets, **options)
        assert not any(one in refused.value.detail for one in (server.password, "another", "bm86bm8="))


async def test_an_api_key_opens_what_it_was_made_for_until_it_is_revoked(secured_elasticsearch: SecuredServer) -> None:
    server = secured_elasticsearch
    trusted = {"ca_file": server.ca_file}
    least = {"names": ["logs"], "privileges": ["read", "view_index_metadata"]}
    with server.client() as admin:
        wanted = {"name": "heliograph", "role_descriptors": {"reader": {"indices": [least]}}}
        made = admin.post("/_security/api_key", json=wanted).raise_for_status().json()
        own = {"api_key": made["encoded"]}
        assert await counted(server.url, own, **trusted) == 3
        assert await counted(server.url, {**own, "password": "another"}, user=server.user, **trusted) == 3
        with pytest.raises(HeliographError) as kept_out:
            await counted(server.url, own, index="others", **trusted)
        admin.request("DELETE", "/_security/api_key", json={"ids": [made["id"]]}).raise_for_status()
        with pytest.raises(HeliographError) as revoked:
            await counted(server.url, own, **trusted)
    for refused in (kept_out, revoked):
        assert not any(one in refused.value.detail for one in (made["encoded"], made["api_key"]))
