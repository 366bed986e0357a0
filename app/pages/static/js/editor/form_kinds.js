// The widgets of forms by kind; `Declarations.widget` says which a field has.

import { choose, checks, color, segments, select, unit } from "./form_choices.js";
import { code, line, number, slider, text, toggle } from "./form_inputs.js";
import { list } from "./form_list.js";
import { overrides } from "./form_overrides.js";
import { branches, json, map, object, pair, tagged, words } from "./form_parts.js";
import { thresholds } from "./form_thresholds.js";

/** @type {Record<string, (field: import("./form_field.js").Field) => import("./form_field.js").Widget>} */
export const WIDGETS = {
  line, text, code, number, slider, switch: toggle, segments, select, choose, checks, color, unit, zone: line, duration: line,
  datasource: line, metric: line, field: line, index: line, ref: line, thresholds, overrides, object, list, map, words, pair, tagged, branches, json,
};
