"""The `heliograph` command. Usage errors exit 2, others 1, with one line on standard error and no traceback."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from ..errors import HeliographError, SettingsError, StartupError
from ..scope import Role
from .configuration import load_settings
from .process.handed import take
from .process.private_files import keep_to_ourselves
from .process.supervisor import FATAL_EXIT
from .settings import Settings

app = typer.Typer(
    name="heliograph",
    help="Real-time dashboards and metrics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The config database.", no_args_is_help=True)
users = typer.Typer(help="People.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(users, name="user")
app.add_typer(tokens, name="token")

Config = Annotated[Path | None, typer.Option("--config", help="The configuration file.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where everything is kept.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="The port of pages and API.")]
Host = Annotated[str | None, typer.Option("--host", help="The address of pages and API.")]
NAMES = {role.name.lower(): role for role in Role}


def a_role(value: str) -> str:
    """The name of a role as it is; Typer's error for any other text."""
    if value not in NAMES:
        raise typer.BadParameter(f"one of {', '.join(NAMES)}")
    return value


RoleName = Annotated[str, typer.Option("--role", callback=a_role, help="viewer, editor or admin.")]


@app.command()
def demo(
    port: Port = None,
    data_dir: DataDir = None,
    host: Host = None,
    no_browser_hint: Annotated[bool, typer.Option("--no-browser-hint", help="Do not print where to look.")] = False,
    prometheus: Annotated[
        str, typer.Option(help="A Prometheus to show too; without it one on localhost:9090, where it answers.")
    ] = "",
) -> None:
    """Show this machine's own metrics live; everything embedded."""
    from .demo.prometheus import LOCAL_URL, answers, remember
    from .demo.sources import PROMETHEUS_URL, SHOP_PORT
    from .serve import free_port

    settings = load_settings(
        flags={
            "port": port,
            "host": host,
            "data_dir": data_dir,
            "anonymous_role": "viewer",
            "collect_host": True,
        }
    )
    if "log_level" not in settings.model_fields_set:  # what is said is for people: where to look, and what is wrong
        settings = settings.model_copy(update={"log_level": "error"})
    if not no_browser_hint:
        print("  Heliograph is starting its store and its pages: about ten seconds", flush=True)
    url = prometheus or (LOCAL_URL if answers(LOCAL_URL) else "")
    try:
        remember(settings, url)
    except OSError as error:
        raise StartupError(f"{settings.data_dir}: {error.strerror}") from None
    _serve(
        settings,
        {
            "HELIOGRAPH_ROLE_DEMO": "quiet" if no_browser_hint else "1",
            PROMETHEUS_URL: url,
            SHOP_PORT: str(free_port()),
        },
    )


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    config: Config = None,
    root_path: Annotated[str | None, typer.Option("--root-path", help="The path that a proxy serves it below.")] = None,
) -> None:
    """Serve dashboards: pages, API and live views, and the store where none is configured."""
    flags = {"host": host, "port": port, "data_dir": data_dir, "root_path": root_path}
    settings = load_settings(config=config, flags=flags)
    extra = {"HELIOGRAPH_CONFIG": str(config.resolve())} if config else {}
    _serve(settings, extra)


def _serve(settings: Settings, extra: dict[str, str]) -> None:
    from .process.logs import configure_logs
    from .serve import run

    configure_logs(settings.log_level, "supervisor")
    code = run(settings, extra)
    raise typer.Exit(1 if code else 0)


@app.command(hidden=True)
def role(name: str) -> None:
    """Run one role in this process: what the supervisor starts."""
    from .roles import run_role

    take(os.environ)
    run_role(name, load_settings())


@database.command("upgrade")
def upgrade(data_dir: DataDir = None, config: Config = None) -> None:
    """Bring the config database to this version's schema."""
    from .accounts import upgrade_database

    print(_run(upgrade_database(load_settings(config=config, flags={"data_dir": data_dir}))))


@users.command("add")
def add_user(name: str, role: RoleName, data_dir: DataDir = None, config: Config = None) -> None:
    """Add a person; the password comes from a prompt, or from standard input."""
    from .accounts import add_user as add

    settings = load_settings(config=config, flags={"data_dir": data_dir})
    _run(add(settings, name, NAMES[role], _password()))


@users.command("passwd")
def set_password(name: str, data_dir: DataDir = None, config: Config = None) -> None:
    """Give a person another password, from a prompt or standard input; the person's sessions end."""
    from .accounts import set_password as give

    settings = load_settings(config=config, flags={"data_dir": data_dir})
    print(_run(give(settings, name, _password())))


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Option("--name", help="What the token is for.")],
    role: RoleName,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make an API token and print it, alone, on standard output."""
    from .accounts import create_token as create

    print(_run(create(load_settings(config=config, flags={"data_dir": data_dir}), name, NAMES[role])))


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...")] = None,
    tests: Annotated[
        list[Path] | None, typer.Option("--tests", help="Rule tests as promtool has them; promtool runs them.")
    ] = None,
    config: Config = None,
) -> None:
    """Check dashboard and rule files, and folders of them: exit 0 or 1, each fault as file:json-path: message.

    Without files: what the configuration file provisions.
    """
    from ..components.panels.registry import default_registry
    from .alerts.rule_tests import run_tests
    from .check import check_paths, check_provisioned

    panels = default_registry()
    if files or tests:
        faults = check_paths(files or [], panels)
    else:
        faults = check_provisioned(load_settings(config=config), panels)
    good = True
    for fault in faults:
        print(fault)
        good = False
    for path in tests or ():
        passed, said = run_tests(path)
        print(said)
        good = good and passed
    raise typer.Exit(0 if good else 1)


@app.command("import")
def import_(  # noqa: PLR0917 - options of a command
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    datasource: Annotated[str, typer.Option(help="Who answers the queries of the rules.")] = "prometheus",
    folder: Annotated[str, typer.Option(help="The uid of the folder that they go to.")] = "",
    source: Annotated[
        list[str] | None,
        typer.Option(help="THEIRS=OURS: which data source a dashboard's placeholder or uid is; repeats."),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Bring dashboards of Grafana (.json) and rules of Prometheus rule files (.yml); those that were are changed."""
    from ..components.panels.registry import default_registry
    from .alerts.rule_files import import_files
    from .import_dashboards import import_dashboards

    chosen = [one.partition("=") for one in source or []]
    if any(not equals for _, equals, _ in chosen):
        raise typer.BadParameter("a source is THEIRS=OURS")
    settings = load_settings(config=config, flags={"data_dir": data_dir})
    boards = [path for path in files if path.suffix.lower() == ".json"]
    rules = [path for path in files if path not in boards]
    if boards:
        named = {theirs: ours for theirs, _, ours in chosen}
        print(_run(import_dashboards(settings, boards, default_registry(), folder=folder, chosen=named)))
    if rules:
        print(_run(import_files(settings, rules, datasource, folder)))


@app.command()
def export(  # noqa: PLR0917 - options of a command
    dashboard: Annotated[str, typer.Argument(metavar="ID")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file: .html, .png, .pdf or .zip (data).")],
    url: Annotated[str, typer.Option(help="The server.")] = "http://127.0.0.1:5006",
    token: Annotated[str, typer.Option(envvar="HELIOGRAPH_EXPORT_TOKEN", help="An API token.")] = "",
    start: Annotated[str, typer.Option("--from", help="Where its range begins, such as now-6h.")] = "",
    end: Annotated[str, typer.Option("--to", help="Where its range ends.")] = "",
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of a variable; repeats.")] = None,
    panel: Annotated[int | None, typer.Option(min=1, help="One panel alone.")] = None,
    width: Annotated[int | None, typer.Option(min=200, max=4000, help="Of a picture, px.")] = None,
    theme: Annotated[str, typer.Option(help="light or dark.")] = "",
) -> None:
    """Save a dashboard of a running server: a page that needs no server, a picture, a report on paper, or its data."""
    from .export import Wanted, save

    values = [one.partition("=") for one in var or []]
    if any(not equals for _, equals, _ in values):
        raise typer.BadParameter("a variable is NAME=VALUE")
    wanted = Wanted(dashboard, start, end, tuple((name, value) for name, _, value in values), panel, width, theme)
    print(save(wanted, output, url=url, token=token))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise typer.BadParameter("the two passwords differ")
    return first


def _run(coroutine: Coroutine[Any, Any, str]) -> str:
    return asyncio.run(coroutine)


def main() -> None:
    """The console script: usage errors and our own become one line and an exit code."""
    keep_to_ourselves()
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except TyperException as error:
        if error.format_message():  # none where help was printed for want of a command
            print(f"heliograph: {error.format_message()}".replace("\n", " "), file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.Abort:
        print("heliograph: stopped", file=sys.stderr)
        sys.exit(1)
    except HeliographError as error:
        print(f"heliograph: {error.detail}".replace("\n", " "), file=sys.stderr)
        as_child = "role" in sys.argv[1:2]
        sys.exit(FATAL_EXIT if as_child and isinstance(error, SettingsError) else 1)
