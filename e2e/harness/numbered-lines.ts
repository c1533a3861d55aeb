const NEWLINE = 10;
const ZERO = 48;
const NINE = 57;
/** What a log has in front of a line's text: the time (35), the stream, `F` or `P`. */
const STREAM_AT = 39;
const TAG_AT = 43;
const TEXT_AT = 45;
const LETTER_O = 111;
const LETTER_F = 70;

/** Checks that lines come numbered without a gap, a repetition or a byte too many, in pieces of any size. */
export class NumberedLines {
  #number = 0;
  #digits = 0;
  #expected: number | undefined;
  #skipping: boolean;
  #lines = 0;
  #words: string | undefined;
  #problem: string | undefined;

  /** `fromStart`: the first line is 1. Otherwise the first may be any, and what comes before the first newline is not looked at. */
  constructor(fromStart: boolean) {
    this.#skipping = !fromStart;
    if (fromStart) this.#expected = 1;
  }

  /** Whole lines that were counted. */
  get lines(): number {
    return this.#lines;
  }

  /** The number of the last whole line; 0 before the first. */
  get last(): number {
    return this.#lines === 0 ? 0 : (this.#expected ?? 1) - 1;
  }

  /** What is wrong, as far as it was seen; the first thing only. */
  get problem(): string | undefined {
    return this.#problem;
  }

  take(bytes: Uint8Array, start = 0, end = bytes.length): void {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) this.#endLine();
      else if (byte >= ZERO && byte <= NINE) {
        this.#number = this.#number * 10 + byte - ZERO;
        this.#digits++;
      } else this.#words = (this.#words ?? "") + String.fromCharCode(byte);
    }
  }

  #endLine(): void {
    const number = this.#digits === 0 || this.#words !== undefined ? undefined : this.#number;
    this.#number = 0;
    this.#digits = 0;
    this.#words = undefined;
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (number === undefined || (this.#expected !== undefined && number !== this.#expected)) {
      this.#problem ??= `after line ${this.last} came ${number ?? "something else"}`;
    }
    if (number === undefined) return;
    this.#lines++;
    this.#expected = number + 1;
  }
}

/** Checks the text of a k8s-file log whose two streams are both numbered lines. */
export class NumberedLog {
  readonly stdout: NumberedLines;
  readonly stderr: NumberedLines;
  #rest = Buffer.alloc(0);

  constructor(fromStart: boolean) {
    this.stdout = new NumberedLines(fromStart);
    this.stderr = new NumberedLines(fromStart);
  }

  take(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    for (let newline = bytes.indexOf(NEWLINE, at); newline >= 0; newline = bytes.indexOf(NEWLINE, at)) {
      const stream = bytes[at + STREAM_AT] === LETTER_O ? this.stdout : this.stderr;
      stream.take(bytes, at + TEXT_AT, bytes[at + TAG_AT] === LETTER_F ? newline + 1 : newline);
      at = newline + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Bytes after the last newline. */
  get torn(): number {
    return this.#rest.length;
  }
}
