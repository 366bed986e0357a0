"""Panels that functions draw: of frames and options a HoloViews element, a Bokeh figure or a Panel pane."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from bokeh.model import Model
from pydantic import Field

from ...datasources.frame import Frame
from ...datasources.timerange import TimeRange
from ...errors import StartupError
from ...plugins import BroughtFigure
from ..wire import LayoutError
from .base import Drawn, PanelOptions, PanelType

if TYPE_CHECKING:
    from ..figures.drawing import Pen

O = TypeVar("O", bound=PanelOptions)  # noqa: E741 - O for options, as in the design
Function = Callable[..., Any]
KIND: Final = "figure"


@dataclass(frozen=True, slots=True)
class Parts:
    """Models as bytes with holes for the data of each source: the shape of a figure."""

    parts: tuple[bytes, ...]
    holes: tuple[str, ...]


class Figure(PanelType[O]):
    """A type whose shape, models and data come of one call of a function."""

    drawn_as: ClassVar[str] = KIND
    draws_empty = True
    apart = True
    _pen: Pen | None = None

    @abstractmethod
    def function(self, options: O) -> Function:
        """What draws a panel with these options."""

    @abstractmethod
    def arguments(self, options: O) -> Mapping[str, Any]:
        """The options that the function is called with."""

    def draws_slowly(self, options: O) -> bool:
        return True

    def draw(self, options: O, frames: Sequence[Frame], window: TimeRange) -> tuple[Hashable, Drawn]:
        if self._pen is None:
            from ..figures.drawing import Pen  # noqa: PLC0415 - pandas is loaded where a figure is drawn

            self._pen = Pen()
        return self._pen.draw(options.model_dump_json(), self.function(options), frames, self.arguments(options))

    def parts(self, options: O, shape: Hashable) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
        assert isinstance(shape, Parts)
        return shape.parts, shape.holes

    def layout(self, options: O, shape: Hashable) -> Model:
        raise LayoutError("a figure is laid out as it is drawn")

    def columns(self, options: O, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        return self.draw(options, frames, window)[1]


class FigureOptions(PanelOptions):
    """`figure`: which function of the board; `options`: what it is called with."""

    figure: int = 0
    options: dict[str, Any] = Field(default_factory=dict)


class Figures(Figure[FigureOptions]):
    """The type of panels that the functions of one board draw."""

    name: ClassVar[str] = KIND
    title: ClassVar[str] = "Figure"
    Options = FigureOptions

    def __init__(self, functions: Sequence[Function] = ()) -> None:
        self._functions = functions

    def function(self, options: FigureOptions) -> Function:
        return self._functions[options.figure]

    def arguments(self, options: FigureOptions) -> Mapping[str, Any]:
        return options.options


class NoOptions(PanelOptions):
    """A figure that takes none."""


class FigureOfPlugin(Figure[PanelOptions]):
    """The type of panels that a function of a plugin draws."""

    brought: ClassVar[BroughtFigure]

    def function(self, options: PanelOptions) -> Function:
        return self.brought.function

    def arguments(self, options: PanelOptions) -> Mapping[str, Any]:
        return options.model_dump()


def figure_type(brought: BroughtFigure) -> type[FigureOfPlugin]:
    """The type that a plugin's function makes; StartupError where its options are no class of `PanelOptions`."""
    options = brought.options or NoOptions
    if not (isinstance(options, type) and issubclass(options, PanelOptions)):
        raise StartupError(f"the options of the figure {brought.name} are no class of PanelOptions")
    said = {"name": brought.name, "title": brought.title, "Options": options, "brought": brought}
    return type(f"FigureOfPlugin_{brought.name}", (FigureOfPlugin,), said)
