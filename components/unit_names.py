"""What units are called where one is chosen: by category, each with a number that is written in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .units import TABLE, format_value, is_time

SAMPLE: Final = 12_345.678
SAMPLE_MS: Final = 1_767_225_600_000  # of units of dates
# The first unit of each category, in the order of the table, which is Grafana's.
CATEGORIES: Final[Mapping[str, str]] = {
    "none": "Misc",
    "accMS2": "Acceleration",
    "degree": "Angle",
    "areaM2": "Area",
    "flops": "Computation",
    "ppm": "Concentration",
    "currencyUSD": "Currency",
    "bytes": "Data",
    "pps": "Data rate",
    "dateTimeAsIso": "Date and time",
    "watt": "Energy",
    "flowgpm": "Flow",
    "lux": "Light",
    "forceNm": "Force",
    "Hs": "Hash rate",
    "massmg": "Mass",
    "lengthcm": "Length",
    "pressurembar": "Pressure",
    "radbq": "Radiation",
    "rothz": "Rotational speed",
    "celsius": "Temperature",
    "ns": "Time",
    "cps": "Throughput",
    "velocityms": "Velocity",
    "m3": "Volume",
    "bool": "Boolean",
}


def unit_choices() -> Sequence[Mapping[str, str]]:
    """`{value, title, group}` of each unit of the table; the title is a number as it is written in the unit."""
    found, group = [], ""
    for unit in TABLE:
        group = CATEGORIES.get(unit, group)
        sample = SAMPLE_MS if is_time(unit) else SAMPLE
        found.append({"value": unit, "title": str(format_value(sample, unit, now_ms=SAMPLE_MS)), "group": group})
    return found
