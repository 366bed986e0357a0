"""A dashboard as one HTML file: page, styles, scripts, BokehJS and data. It fetches nothing and opens from disk."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from ... import __version__
from ...components.units import TABLE
from ...errors import InvalidError
from ..http.script_json import script_json
from ..pages.handlers import described, laid_out, shown
from ..pages.holes import hole
from ..pages.static_files import plain
from ..pages.templates import make_environment
from .freezing import Frozen

GZIP_WBITS: Final = 31
# The grid in pixels: rows, what is between them, and what stands above and below.
ROW_PX, GAP_PX, AROUND_PX = 30, 8, 130
BOOT: Final = re.compile(r'(<script type="application/json" id="boot">)(\{.*?)</script>', re.DOTALL)
# Unpacks the scripts and runs them one after the other. It alone stands in the file as it is.
LOADER: Final = """
(async () => {
  try {
    for (const name of ["bokeh", "page"]) {
      const text = document.getElementById(`part-${name}`).textContent;
      const packed = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
      const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      const script = document.createElement("script");
      script.textContent = await new Response(plain).text();
      document.head.append(script);
    }
  } catch (error) {
    document.getElementById("main").textContent = `This browser cannot unpack this file: ${error}`;
  }
})();
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file comes from. `url`: the address of what it shows; `root`: that of the server. Empty without one."""

    url: str = ""
    root: str = ""


def standalone(frozen: Frozen, *, made_ms: int, origin: Origin = Origin(), theme: str = "", maker: str = "") -> str:
    """The file's text. It takes a while: call it from a thread. `maker`: whose view it is, where that is to be said."""
    boot = frozen.boot
    parts = {**_scripts(), **{name: packed(data) for name, data in frozen.parts.items()}}
    text = make_environment().get_template("standalone.html").render(
        boot=boot,
        boot_json=script_json(boot),
        units=script_json(TABLE),
        panels=described(laid_out(boot["panels"])),
        variables=[shown(one) for one in boot["variables"] if one["hide"] != "variable"],
        standalone=True,
        solo=0,
        theme=theme,
        root=origin.root.rstrip("/"),
        base=f"{origin.root.rstrip('/')}/" if origin.root else "",
        url=origin.url,
        maker=maker,
        policy=policy(origin),
        product=__version__,
        styles=_styles(),
        loader=Markup(LOADER),  # noqa: S704 - ours
        parts_of=parts.items(),
        made=_iso(made_ms),
        size=hole("size"),
        **{"from": _iso(boot["window"][0]), "to": _iso(boot["window"][1])},
    )  # fmt: skip
    return text.replace(hole("size"), size_text(len(text)))


def boot_of(text: str) -> dict[str, Any]:
    """What the page of a file begins with; InvalidError where it is none of ours."""
    found = BOOT.search(text)
    if found is None:
        raise InvalidError("this is no file of a dashboard", path="$")
    boot: dict[str, Any] = json.loads(found[2])
    return boot


def with_boot(text: str, added: Mapping[str, Any]) -> str:
    """The same file, whose page begins with this too."""
    boot = script_json({**boot_of(text), **added})
    return BOOT.sub(lambda found: f"{found[1]}{boot}</script>", text, 1)


def height_px(boot: Mapping[str, Any], most: int) -> int:
    """How high a page of a file is on a desk, within reason."""
    rows = max((one["position"]["y"] + one["position"]["h"] for one in boot["panels"]), default=0)
    return min(rows * (ROW_PX + GAP_PX) + AROUND_PX, most)


def size_text(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def policy(origin: Origin) -> str:
    """Nothing is fetched, and no script runs but those three whose digests stand here."""
    scripts = " ".join(f"'sha256-{digest}'" for digest in (_digest(LOADER.encode()), *_digests()))
    parts = urlsplit(origin.root)
    base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
        f"form-action 'none'; base-uri {base}"
    )


def packed(data: bytes) -> Markup:
    """Bytes as they stand in a file: gzip as base64."""
    return Markup(b64encode(zlib.compress(data, 6, GZIP_WBITS)).decode())  # noqa: S704 - base64


def _digest(script: bytes) -> str:
    return b64encode(hashlib.sha256(script).digest()).decode()


def _plain_scripts() -> Mapping[str, bytes]:
    page = b'"use strict";{' + plain("js/standalone.js") + b"}"
    return {"bokeh": plain("bokeh.min.js"), "page": page}


@lru_cache(1)
def _scripts() -> dict[str, Markup]:
    return {name: packed(script) for name, script in _plain_scripts().items()}


@lru_cache(1)
def _digests() -> tuple[str, ...]:
    return tuple(_digest(script) for script in _plain_scripts().values())


@lru_cache(1)
def _styles() -> Markup:
    return Markup(plain("css/standalone.css").decode())  # noqa: S704 - ours
