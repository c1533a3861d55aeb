/** Parts of Go's layouts (time.Layout) and what stands for them, longest first. */
const LAYOUT: ReadonlyArray<readonly [part: string, text: (time: GoTime) => string]> = [
  ["January", (time) => time.toLocaleString("en", { month: "long", timeZone: "UTC" })],
  ["Monday", (time) => time.toLocaleString("en", { weekday: "long", timeZone: "UTC" })],
  ["-07:00", () => "+00:00"],
  ["Z07:00", () => "Z"],
  ["-0700", () => "+0000"],
  ["Z0700", () => "Z"],
  ["2006", (time) => String(time.Year()).padStart(4, "0")],
  ["Jan", (time) => time.toLocaleString("en", { month: "short", timeZone: "UTC" })],
  ["Mon", (time) => time.toLocaleString("en", { weekday: "short", timeZone: "UTC" })],
  ["MST", () => "UTC"],
  ["-07", () => "+00"],
  ["01", (time) => two(time.Month())],
  ["02", (time) => two(time.Day())],
  ["15", (time) => two(time.Hour())],
  ["03", (time) => two(time.Hour() % 12 || 12)],
  ["04", (time) => two(time.Minute())],
  ["05", (time) => two(time.Second())],
  ["06", (time) => two(time.Year() % 100)],
  ["PM", (time) => (time.Hour() < 12 ? "AM" : "PM")],
  ["pm", (time) => (time.Hour() < 12 ? "am" : "pm")],
  ["_2", (time) => String(time.Day()).padStart(2)],
  ["1", (time) => String(time.Month())],
  ["2", (time) => String(time.Day())],
  ["3", (time) => String(time.Hour() % 12 || 12)],
  ["4", (time) => String(time.Minute())],
  ["5", (time) => String(time.Second())],
];

/** A time as templates see Go's `time.Time`: printed as `2026-11-21 04:46:52.123456789 +0000 UTC`, with the methods that scripts use. JSON keeps the text. */
export class GoTime extends Date {
  readonly #text: string;

  /** An RFC 3339 time in UTC. */
  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  override toJSON(): string {
    return this.#text;
  }

  override toString(): string {
    const fraction = this.#fraction().replace(/0+$/, "");
    return `${this.Format("2006-01-02 15:04:05")}${fraction === "" ? "" : `.${fraction}`} +0000 UTC`;
  }

  /** Go's fmt.Stringer. */
  String(): string {
    return this.toString();
  }

  Unix(): number {
    return Math.floor(this.getTime() / 1000);
  }

  UnixMilli(): number {
    return this.getTime();
  }

  /** Exact, and so no number. */
  UnixNano(): bigint {
    return BigInt(this.Unix()) * 1_000_000_000n + BigInt(this.Nanosecond());
  }

  IsZero(): boolean {
    return this.Unix() === -62_135_596_800 && this.Nanosecond() === 0;
  }

  UTC(): GoTime {
    return this;
  }

  Year(): number {
    return this.getUTCFullYear();
  }

  Month(): number {
    return this.getUTCMonth() + 1;
  }

  Day(): number {
    return this.getUTCDate();
  }

  Hour(): number {
    return this.getUTCHours();
  }

  Minute(): number {
    return this.getUTCMinutes();
  }

  Second(): number {
    return this.getUTCSeconds();
  }

  Nanosecond(): number {
    return Number(this.#fraction().padEnd(9, "0").slice(0, 9));
  }

  /** The time in one of Go's layouts (https://pkg.go.dev/time#pkg-constants). */
  Format(layout: string): string {
    let text = "";
    for (let rest = layout; rest !== ""; ) {
      const fraction = /^[.,](0+|9+)(?!\d)/.exec(rest);
      const part = LAYOUT.find(([name]) => rest.startsWith(name));
      if (fraction !== null) text += this.#digits(fraction[0]);
      else text += part === undefined ? rest.slice(0, 1) : part[1](this);
      rest = rest.slice(fraction?.[0].length ?? part?.[0].length ?? 1);
    }
    return text;
  }

  /** `.000` shows three digits of the second's fraction, `.999` those of three that are not zero at the end. */
  #digits(part: string): string {
    const digits = String(this.Nanosecond())
      .padStart(9, "0")
      .slice(0, part.length - 1);
    const shown = part[1] === "9" ? digits.replace(/0+$/, "") : digits;
    return shown === "" ? "" : part.slice(0, 1) + shown;
  }

  #fraction(): string {
    return /\.(\d+)/.exec(this.#text)?.[1] ?? "";
  }
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
