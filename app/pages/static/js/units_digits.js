// Digits of numbers: the rules of components/numerals.py.

/** @param {number} value */
export function significantDecimals(value) {
  if (Number.isNaN(value) || value % 1 === 0) return 0;
  return Math.max(0, 2 - Math.floor(Math.log(Math.abs(value)) / Math.LN10));
}

/** The number with so many decimals, by default as many as make three significant digits. @param {number} value @param {number|null} decimals */
export function toFixed(value, decimals) {
  if (value === Infinity || value === -Infinity) return value > 0 ? "∞" : "-∞";
  const places = decimals ?? significantDecimals(value);
  if (value === 0) return (0).toFixed(places);
  if (places > 308) return String(value);
  const factor = 10 ** places;
  const text = String(Math.round(value * factor) / factor);
  if (text.includes("e") || text.includes("Infinity") || places <= 0) return text;
  const [whole, fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(places, "0")}`;
}
