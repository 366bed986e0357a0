from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from heliograph.app.api.prometheus_rules import ROOT as PROMETHEUS
from heliograph.app.api.routing import PREFIX
from heliograph.app.configuration import as_environment, load_settings
from heliograph.app.live.handlers import routes as live_routes
from heliograph.app.pages.editing import routes as editing_routes
from heliograph.app.pages.handlers import routes as page_routes
from heliograph.app.pages.notifications import routes as notification_routes
from heliograph.app.process.work_address import EXPLORE
from heliograph.app.settings import OWN_PATHS, Settings
from heliograph.app.share.pages import routes as link_routes
from heliograph.app.share.snapshots import routes as snapshot_routes
from heliograph.errors import SettingsError


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "h.toml"
    file.write_text('host = "10.0.0.1"\nport = 1\nrate_limit = "5/second"\n')
    environ = {"HELIOGRAPH_HOST": "10.0.0.2", "HELIOGRAPH_PORT": "2"}
    settings = load_settings(config=file, environ=environ, flags={"port": 3, "host": None})
    assert (settings.host, settings.port, settings.rate_limit) == ("10.0.0.2", 3, "5/second")
    assert settings.log_level == "info"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 5006", "prot: unknown setting"),
        ('port = "many"', "port: "),
        ("port = 70000", "port: "),
        ('anonymous_role = "root"', "anonymous_role: unknown role 'root'"),
        ('rate_limit = "often"', "rate_limit: "),
        ('redis_url = "http://localhost"', "redis_url: a redis://, rediss:// or unix:// URL"),
        ('allowed_networks = ["10.0.0.0/99"]', "allowed_networks: "),
        ('public_url = "ftp://example.org"', "public_url: an http:// or https:// URL"),
        ('[[datasources]]\nuid = "a b"\ntype = "json"', "datasources.0.uid: "),
        ('[[datasources]]\nuid = "a"\ntype = "json"\ncolour = 1', "datasources.0.colour: unknown setting"),
        ("port = ", "h.toml: "),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "h.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(config=file, environ={})
    assert message in caught.value.detail
    assert "\n" not in caught.value.detail


def test_an_unknown_environment_variable_with_our_prefix_is_a_fault() -> None:
    with pytest.raises(SettingsError, match="HELIOGRAPH_PROT: unknown setting"):
        load_settings(environ={"HELIOGRAPH_PROT": "1"})


def test_a_named_configuration_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(config=tmp_path / "none.toml", environ={})


def test_environment_references_are_replaced_in_provisioned_sources(tmp_path: Path) -> None:
    file = tmp_path / "h.toml"
    file.write_text('[[datasources]]\nuid = "p"\ntype = "prometheus"\nsecrets = { password = "${PROM_PASSWORD}" }\n')
    settings = load_settings(config=file, environ={"PROM_PASSWORD": "s3cret"})
    assert settings.datasources[0].secrets["password"].get_secret_value() == "s3cret"
    with pytest.raises(SettingsError, match="the environment has no PROM_PASSWORD"):
        load_settings(config=file, environ={})


def test_secrets_never_stand_in_texts_of_the_settings() -> None:
    settings = load_settings(environ={"HELIOGRAPH_SECRET_KEY": "very-secret-key"})
    assert "very-secret-key" not in repr(settings) + str(settings)


def test_settings_survive_the_way_through_a_childs_environment() -> None:
    settings = Settings.model_validate(
        {"port": 7, "allowed_networks": ["10.0.0.0/8", "127.0.0.1"], "secret_key": "k", "collect_host": True}
    )
    assert load_settings(environ=as_environment(settings)) == settings


@pytest.mark.parametrize("path", ["heliograph", "/a b", "/a//b", "/a?b", "/d", "/api/x", "/static"])
def test_a_root_path_that_cannot_be_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match=r"^root_path: "):
        load_settings(environ={"HELIOGRAPH_ROOT_PATH": path})


def test_the_root_is_that_of_the_public_url_where_it_is_not_given() -> None:
    assert Settings().root == ""
    assert Settings(root_path="/a/b/").root == "/a/b"
    assert Settings(public_url="https://example.org/h/").root == "/h"
    assert Settings(public_url="https://example.org/h", root_path="/x").root == "/x"


def test_every_path_of_ours_is_kept_from_being_a_root() -> None:
    found = {PREFIX, PROMETHEUS, EXPLORE, "/healthz", "/readyz", "/metrics", "/static", "/alerts"}
    nothing: Any = None
    found |= {spec.regex.pattern for spec in page_routes(nothing, nothing, nothing)}
    found |= {spec.regex.pattern for spec in editing_routes(nothing, nothing, nothing, nothing)}
    found |= {spec.regex.pattern for spec in notification_routes(nothing, nothing, nothing)}
    found |= {spec.regex.pattern for spec in link_routes(nothing, nothing, nothing)}
    found |= {spec.regex.pattern for spec in snapshot_routes(nothing, nothing)}
    found |= {spec[0] for spec in live_routes(nothing, nothing)}
    begins = {re.match(r"/([a-z-]*)", pattern) for pattern in found}
    firsts = {begin[1] for begin in begins if begin is not None} - {""}
    assert firsts == OWN_PATHS
