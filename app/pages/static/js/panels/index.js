// What draws the body of each panel type: one table.

import { Gauges } from "./gauge.js";
import { AlertList, AnnotationsList } from "./lists.js";
import { Logs } from "./logs.js";
import { States } from "./states.js";
import { Stats } from "./stat.js";
import { Table } from "./table.js";
import { Text } from "./text.js";
import { TimeSeries } from "./timeseries.js";

/** @type {Record<string, any>} by the type's name */
export const PANELS = {
  alertlist: AlertList,
  annotationslist: AnnotationsList,
  bargauge: Gauges,
  gauge: Gauges,
  logs: Logs,
  stat: Stats,
  statetimeline: States,
  statushistory: States,
  table: Table,
  text: Text,
  timeseries: TimeSeries,
};
