"""What several nodes need in common."""

from __future__ import annotations

import pytest

from heliograph.app.nodes import check, missing, store_name
from heliograph.app.settings import Settings
from heliograph.errors import SettingsError
from heliograph.storage.config.nodes import Node


def test_an_embedded_store_is_the_same_at_whatever_address_and_another_with_another_secret() -> None:
    assert store_name("http://heliograph:s@127.0.0.1:1/") == store_name("http://heliograph:s@10.0.0.1:2/")
    assert store_name("http://heliograph:s@127.0.0.1:1/") != store_name("http://heliograph:t@127.0.0.1:1/")
    assert store_name("http://default:a@one:8123") == store_name("http://default:b@two:8123")


def test_a_node_whose_metrics_are_elsewhere_does_not_start_beside_another() -> None:
    node = Node("a", "embedded:1", True, 0.0)
    check(node, [Node("b", "embedded:1", False, 0.0)])
    with pytest.raises(SettingsError, match="metrics_url"):
        check(node, [Node("b", "embedded:1", True, 0.0), Node("c", "server", True, 0.0)])


def test_what_several_nodes_lack_is_named() -> None:
    assert [lack.split(":")[0] for lack in missing(Settings())] == ["secret_key", "redis_url"]
    whole = Settings.model_validate({"secret_key": "k" * 20, "redis_url": "redis://x"})
    assert missing(whole) == []
