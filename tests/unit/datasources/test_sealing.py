"""Secrets that stand in URLs and headers: moved among the secrets, and put back for the source alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heliograph.datasources.sources.postgresql import PostgresSource
from heliograph.datasources.sources.prometheus import PrometheusSource
from heliograph.datasources.sources.sealing import destination, merged, opened, sealed
from heliograph.datasources.sources.sqldriver import SqlDriverSource
from heliograph.errors import InvalidError
from heliograph.storage.config.datasources import StoredSource

STORED = StoredSource(
    "s", "S", "postgresql", "postgresql://u:p%40ss@h:1,[::1]:2/d?sslmode=require&password=x&token=y%20z"
)


def test_what_is_secret_in_a_url_leaves_it() -> None:
    found = sealed(PostgresSource, STORED)
    assert found.url == "postgresql://u@h:1,[::1]:2/d?sslmode=require"
    assert found.secrets == {"password": "p@ss", "url.password": "x", "url.token": "y z"}
    assert sealed(PostgresSource, found) is found


def test_a_source_gets_back_what_stood_in_arguments_and_headers() -> None:
    stored = StoredSource("s", "S", "prometheus", "http://h/?api_key=k", {"headers": {"X-A": "1", "X-B": "2"}})
    found = sealed(PrometheusSource, stored)
    assert (found.url, found.options) == ("http://h/", {})
    assert opened(PrometheusSource, found).url == "http://h/?api_key=k"
    assert opened(PrometheusSource, found).options == stored.options


def test_a_secret_that_is_given_goes_before_that_of_the_url() -> None:
    assert sealed(PostgresSource, replace(STORED, secrets={"password": "given"})).secrets["password"] == "given"


def test_a_header_is_one_whatever_its_case_and_an_empty_secret_is_none() -> None:
    kept = {"headers.Authorization": "old", "password": "p"}
    assert merged(kept, {"headers.authorization": "new", "password": ""}) == {"headers.authorization": "new"}


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (PostgresSource, "postgresql://u:pa/ss@h/d"),
        (PostgresSource, "postgresql://u:pa?ss@h/d"),
        (PostgresSource, "postgresql://u:pa#ss@h/d"),
        (PostgresSource, "postgresql://u:p@[h/d"),
        (SqlDriverSource, "mysql://u:pass@h/d"),
    ],
)
def test_a_password_that_cannot_be_told_apart_is_refused_and_not_repeated(kind: type[PostgresSource], url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        sealed(kind, replace(STORED, url=url))
    assert caught.value.path == "$.url"
    assert "ss" not in caught.value.detail.replace("password", "")


def test_name_and_path_do_not_change_where_secrets_go() -> None:
    assert destination(PostgresSource, STORED) == destination(PostgresSource, replace(STORED, name="T"))
    for url in ("postgresql://u@other/d", "postgresql://u:p%40ss@h:2,[::1]:2/d?sslmode=require"):
        assert destination(PostgresSource, STORED) != destination(PostgresSource, replace(STORED, url=url))
