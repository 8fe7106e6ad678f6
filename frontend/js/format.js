// Formatting of numbers and dates.

const UNITS = ["B", "kB", "MB", "GB"];
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function bytes(count) {
  const step = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const value = count / 1000 ** step;
  return `${value.toFixed(step > 0 && value < 10 ? 1 : 0)} ${UNITS[step]}`;
}

export function dimensions({ width, height }) {
  return `${width} × ${height}`;
}

export function when(timestamp) {
  return WHEN.format(new Date(timestamp));
}
