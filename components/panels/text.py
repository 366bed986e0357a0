"""The text panel: Markdown, made HTML and sanitised."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import nh3
from bokeh.models import Model
from markdown_it import MarkdownIt
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from .base import Drawn, PanelOptions, PanelType
from .series import lone_source

TAG_NAMES = (
    "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s strong table tbody td th thead tr ul"
)
TAGS = set(TAG_NAMES.split())
ATTRIBUTES = {"a": {"href", "title"}, "img": {"alt", "title"}, "td": {"align"}, "th": {"align"}}
SCHEMES = {"http", "https", "mailto"}


class TextOptions(PanelOptions):
    """Options of a text panel."""

    content: str = Field("", max_length=100_000, description="Markdown; variables of the dashboard are filled in.")


class Text(PanelType[TextOptions]):
    """No numbers; its HTML, which holds nothing that runs, as the text `html`."""

    name = "text"
    title = "Text"
    Options = TextOptions

    def layout(self, options: TextOptions, shape: Hashable) -> Model:
        return lone_source("main")

    def columns(self, options: TextOptions, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        return Drawn({"main": {}}, {"html": to_html(options.content)})


def to_html(markdown: str) -> str:
    """Markdown as HTML of a few harmless tags; links leave without telling where from."""
    rendered = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(markdown)
    return nh3.clean(
        rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
