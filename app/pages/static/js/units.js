// What a number looks like in a unit: the rules of components/units.py over the same table.

const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const TIMES = [
  [1e-6, 1e-9, " ns"], [1e-3, 1e-6, " µs"], [1, 1e-3, " ms"], [60, 1, " s"], [3600, 60, " min"],
  [86400, 3600, " hour"], [604800, 86400, " day"], [31536000, 604800, " week"], [Infinity, 31557600, " year"],
];

/** @param {number} value @param {number|null} decimals */
export function toFixed(value, decimals) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  const places = decimals ?? (value % 1 === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const factor = 10 ** places;
  return (Math.round(value * factor) / factor || 0).toFixed(Math.min(places, 20));
}

/** @param {number} value @param {number} factor @param {string[]} suffixes @param {number} offset @param {number|null} decimals */
function scale(value, factor, suffixes, offset, decimals) {
  let power = value ? Math.floor(Math.log(Math.abs(value)) / Math.log(factor) + 1e-12) : 0;
  power = Math.max(-offset, Math.min(power, suffixes.length - offset - 1));
  return { prefix: "", text: toFixed(value / factor ** power, decimals), suffix: suffixes[offset + power] };
}

/** @param {number} value @param {string} unit @param {number|null} decimals @param {Record<string, any>} table */
export function formatValue(value, unit, decimals, table) {
  if (unit.startsWith("suffix:")) return { prefix: "", text: toFixed(value, decimals), suffix: " " + unit.slice(7) };
  if (unit.startsWith("prefix:")) return { prefix: unit.slice(7), text: toFixed(value, decimals), suffix: "" };
  const rule = table[unit] ?? { kind: "fixed", suffix: unit ? ` ${unit}` : "" };
  if (rule.kind === "scaled") return scale(value, rule.factor, rule.suffixes, rule.offset ?? 0, decimals);
  if (rule.kind === "si") return scale(value, 1000, SI.map((prefix) => ` ${prefix}${rule.unit}`), 5, decimals);
  if (rule.kind === "time" || rule.kind === "duration") return time(value, rule.seconds, decimals);
  return { prefix: "", text: toFixed(value * (rule.times ?? 1), decimals), suffix: rule.suffix };
}

/** @param {number} value @param {number} length @param {number|null} decimals */
function time(value, length, decimals) {
  const seconds = value * length;
  for (const [limit, own, suffix] of TIMES) {
    if (own < length * 0.999 || (Math.abs(seconds) >= limit && value !== 0)) continue;
    const text = toFixed(seconds / Number(own), decimals);
    return { prefix: "", text, suffix: own >= 60 && text !== "1" ? `${suffix}s` : suffix };
  }
  return { prefix: "", text: toFixed(value, decimals), suffix: " s" };
}
