"""The text panel: Markdown, made HTML and sanitised, HTML, or plain words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Literal

import nh3
from bokeh.models import Model
from markdown_it import MarkdownIt
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...datasources.variables.builtins import bounds
from ...datasources.variables.escapes import without_entities
from ...datasources.variables.interpolation import Variables, interpolate
from ...declared import Groups, hint
from .base import Drawn, PanelOptions, PanelType
from .series import lone_source

TAG_NAMES = (
    "a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s small span strong sub sup "
    "table tbody td th thead tr u ul"
)
TAGS = set(TAG_NAMES.split())
ATTRIBUTES = {"a": {"href", "title"}, "img": {"alt", "title"}, "td": {"align"}, "th": {"align"}}
CODE = frozenset({"code_inline", "code_block", "fence"})
SCHEMES = {"http", "https", "mailto"}
LOOP_CHARS = 1000  # that are made HTML on the loop itself
MAX_MARKDOWN_CHARS = 20_000  # some brackets take time by the square of their number
MAX_CONTENT = 100_000
MAX_CELLS = 5_000  # each row of a table is filled up to the cells of its widest
TOO_LONG = f"a text of more than {MAX_MARKDOWN_CHARS} characters is shown as it is written"


class TextOptions(PanelOptions):
    """Options of a text panel."""

    GROUPS: ClassVar[Groups] = {
        "Text": (
            "content",
            "mode",
        ),
    }

    content: str = Field(
        "",
        max_length=MAX_CONTENT,
        description="The text; variables of the dashboard are filled in, as words. HTML, in Markdown too, becomes a "
        "few harmless tags. Markdown of more than 20,000 characters is shown as it is written.",
        json_schema_extra=hint("text"),
    )
    mode: Literal["markdown", "html", "plain"] = Field("markdown", description="What the text is written in.")


class Text(PanelType[TextOptions]):
    """No numbers; its HTML, which holds nothing that runs, as the text `html`; plain words as `text`."""

    name = "text"
    title = "Text"
    Options = TextOptions
    lone = True
    draws_empty = True
    asks = False

    def filled(self, options: Mapping[str, Any], variables: Variables) -> Any:
        """Values are words in the text, whatever Markdown they hold."""
        content = options.get("content")
        if not isinstance(content, str):
            return options
        language = "text" if options.get("mode") == "plain" else "markdown"
        return {**options, "content": interpolate(content, variables, language, MAX_CONTENT)}

    def draws_slowly(self, options: TextOptions) -> bool:
        return len(options.content) > LOOP_CHARS

    def layout(self, options: TextOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: TextOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        content = _at(window, options)
        if options.mode == "plain":
            return Drawn({"main": {}}, {"text": content})
        if options.mode == "html":
            return Drawn({"main": {}}, {"html": harmless(content)})
        if len(content) > MAX_MARKDOWN_CHARS:
            return Drawn({"main": {}}, {"text": without_entities(content), "notice": TOO_LONG})
        return Drawn({"main": {}}, {"html": to_html(content)})


def _at(window: TimeRange, options: TextOptions) -> str:
    """The text with the range that is shown in it, `$__from` and its like."""
    if "__from" not in options.content and "__to" not in options.content and "__range" not in options.content:
        return options.content
    language = "text" if options.mode == "plain" else "markdown"
    return interpolate(options.content, bounds(window), language, MAX_CONTENT)


def to_html(markdown: str) -> str:
    """Markdown, and HTML in it, as a few harmless tags. Huge tables stay as written."""
    lines = markdown.splitlines()
    tables = max((line.count("|") for line in lines), default=0) * len(lines) <= MAX_CELLS
    parser = _parser(tables=tables)
    blocks = parser.parse(markdown)
    for token in [*blocks, *(inner for block in blocks for inner in block.children or ())]:
        if token.type in CODE:
            token.content = without_entities(token.content)
    return harmless(parser.renderer.render(blocks, parser.options, {}))


def harmless(html: str) -> str:
    """HTML as a few tags that run nothing; links leave without telling where from."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


@cache
def _parser(*, tables: bool) -> MarkdownIt:
    """Made once: that takes more than most texts do. It keeps nothing of what it reads."""
    return MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", *(["table"] if tables else [])])
