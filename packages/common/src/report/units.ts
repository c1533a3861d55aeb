const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/** Bytes in powers of 1000 with four significant digits, as docker prints them: `2.223MB`, `0B`. */
export function humanSize(bytes: number, precision = 4, separator = ""): string {
  return scaled(bytes, { base: 1000, units: decimalUnits, precision, separator });
}

/** Bytes in powers of 1024: `64MiB`. */
export function humanBinarySize(bytes: number, precision = 4): string {
  return scaled(bytes, { base: 1024, units: binaryUnits, precision, separator: "" });
}

interface Scale {
  readonly base: number;
  readonly units: readonly string[];
  readonly precision: number;
  readonly separator: string;
}

function scaled(bytes: number, { base, units, precision, separator }: Scale): string {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${significant(value, precision)}${separator}${units[unit]}`;
}

/** C's `%.4g`. */
export function significant(value: number, precision: number): string {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(precision)))));
  if (exponent < -4 || exponent >= precision)
    return value
      .toExponential(precision - 1)
      .replace(/\.?0+e/, "e")
      .replace(/e([+-])(\d)$/, "e$10$2");
  return String(Number(value.toPrecision(precision)));
}

/** A span in words, as docker has it: `Less than a second`, `About a minute`, `3 hours`, `2 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(milliseconds / 60_000);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(milliseconds / 3_600_000 / 24 / 365)} years`;
}

/** `5 minutes ago` for a point in time before `now`. */
export function humanAgo(time: Date, now: Date = new Date()): string {
  return `${humanDuration(now.getTime() - time.getTime())} ago`;
}
