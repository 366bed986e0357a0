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
    with server.client() as admin:
        for number in range(3):
            document = {"@timestamp": RANGE.from_ms + number}
            admin.post("/logs/_doc?refresh=true", json=document).raise_for_status()
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
