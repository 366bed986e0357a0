"""What a panel type is: pure functions over options and frames. Nothing of it is alive on the server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

import numpy as np
from bokeh.model import Model
from numpy.typing import NDArray

from ...datasources.frame import FieldKind, Frame
from ...datasources.timerange import TimeRange
from ...datasources.variables.interpolation import Variables
from ...declared import Spec
from ..filling import fill_options
from ..panel_spec import Target
from ..wire import split_model

Column = NDArray[np.float64] | list[Any]
Columns = Mapping[str, Column]
NEEDED: Final[Mapping[str, str]] = {"time": "time", "number": "number", "string": "text", "boolean": "boolean"}


class PanelOptions(Spec, frozen=True):
    """Base of each type's options: unknown keys are faults with a path."""


O = TypeVar("O", bound=PanelOptions)  # noqa: E741 - O for options, as in the design


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Drawn:
    """What fills a layout: numbers by source name and column, and JSON texts by name.

    A source that has a column `t` (ms UTC, ascending) is a time source: its delta may be streamed. All columns of a
    source have one length. `texts` hold all that is words: legend entries, values, units, HTML that was sanitised.
    """

    sources: Mapping[str, Columns]
    texts: Mapping[str, Any] = field(default_factory=dict)


class PanelType(ABC, Generic[O]):
    """One type of panel. Instances hold no state; one is registered under `name`."""

    name: ClassVar[str]
    title: ClassVar[str]
    Options: ClassVar[type[PanelOptions]]
    shows_marks: ClassVar[bool] = False  # whether annotations are drawn over it, or listed in it
    draws_empty: ClassVar[bool] = False  # whether it has something to say where no target has a row
    asks: ClassVar[bool] = True  # whether its targets are asked at each refresh
    needs: ClassVar[tuple[FieldKind, ...]] = ()  # the kinds of column that one frame must have to be drawn
    drawn_as: ClassVar[str] = ""  # the type whose page script draws it, where it has none of its own: `stat`, `table`
    of_frames: ClassVar[bool] = False  # whether what it draws is the same wherever the window lies
    lone: ClassVar[bool] = (
        False  # whether its layout is a source alone, whatever the options: the page draws it as HTML
    )
    apart: ClassVar[bool] = False  # whether servers draw it in a process beside the one that serves
    rows: ClassVar[Literal["", "all", "wide"]] = ""  # which rows of SQL stay rows where a target does not say

    def targets(self) -> Sequence[Target]:
        """What a panel asks that names no target of its own."""
        return ()

    def filled(self, options: Mapping[str, Any], variables: Variables) -> Any:
        """The options with the values of variables in them."""
        return fill_options(options, variables)

    def shape(self, options: O, frames: Sequence[Frame]) -> Hashable:
        """What the model graph depends on beside the options, such as the number of series."""
        return ()

    def draws_slowly(self, options: O) -> bool:
        """Whether drawing takes longer than the loop may wait, however few the frames are."""
        return False

    def draw(self, options: O, frames: Sequence[Frame], window: TimeRange) -> tuple[Hashable, Drawn]:
        """Shape and columns at once; types whose two rest on the same work do that once here."""
        return self.shape(options, frames), self.columns(options, frames, window)

    def cut(self, options: O, drawn: Drawn, range_: TimeRange) -> Drawn | None:
        """What would be drawn of the same frames cut to a part of their range; None where that is not to be told."""
        return None

    def lacks(self, frames: Sequence[Frame]) -> str:
        """Why none of these frames can be drawn; empty where one can, and where a type was asked for none."""
        kinds = [{column.kind for column in frame.fields} for frame in frames]
        if not self.needs or not kinds or any(own.issuperset(self.needs) for own in kinds):
            return ""
        anywhere = set().union(*kinds)
        missing = [kind for kind in self.needs if kind not in anywhere] or list(self.needs)
        return f"The data has no {' and no '.join(NEEDED[kind] for kind in missing)} column"

    def parts(self, options: O, shape: Hashable) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
        """The layout as bytes with holes for the data of its sources between them."""
        return split_model(self.layout(options, shape))

    @abstractmethod
    def layout(self, options: O, shape: Hashable) -> Model:
        """Bokeh models without data, names, theme, CustomJS, Legend, HoverTool. Same input, same graph.

        Its sources are ColumnDataSources with a `name`, which `columns` fills. A panel that the page draws as HTML
        (table, text) has a lone ColumnDataSource as its root.
        """

    @abstractmethod
    def columns(self, options: O, frames: Sequence[Frame], window: TimeRange) -> Drawn:
        """The numbers and texts for these frames, in the order that the layout of their shape expects."""
