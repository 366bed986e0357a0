// What draws the body of each panel type: one table.

import { Chart } from "../chart.js";
import { Gauges } from "./gauge.js";
import { Stats } from "./stat.js";
import { Table } from "./table.js";
import { Text } from "./text.js";

/** @type {Record<string, any>} by the type's name */
export const PANELS = {
  bargauge: Gauges,
  gauge: Gauges,
  stat: Stats,
  table: Table,
  text: Text,
  timeseries: Chart,
};
