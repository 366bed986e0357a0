// What draws the body of each panel type: one table.

import { Bars } from "./bar.js";
import { Density } from "./density.js";
import { Figure } from "./figure.js";
import { Gauges } from "./gauge.js";
import { Heatmap } from "./heatmap.js";
import { Histogram } from "./histogram.js";
import { AlertList, AnnotationsList } from "./lists.js";
import { Logs } from "./logs.js";
import { Pie } from "./pie.js";
import { States } from "./states.js";
import { Stats } from "./stat.js";
import { Table } from "./table.js";
import { Text } from "./text.js";
import { TimeSeries } from "./timeseries.js";

/** @type {Record<string, any>} by the type's name */
export const PANELS = {
  alertlist: AlertList,
  annotationslist: AnnotationsList,
  bar: Bars,
  bargauge: Gauges,
  density: Density,
  figure: Figure,
  gauge: Gauges,
  heatmap: Heatmap,
  histogram: Histogram,
  logs: Logs,
  pie: Pie,
  stat: Stats,
  statetimeline: States,
  statushistory: States,
  table: Table,
  text: Text,
  timeseries: TimeSeries,
};
