import type { BlobInfo } from "../transports/transport.ts";
import type { BlobKind, BlobProgress, ProgressSink } from "./progress.ts";

interface Bar {
  readonly prefix: string;
  readonly total: number;
  current: number;
  outcome: string | undefined;
  readonly began: number;
}

const REDRAW_MS = 100;
const BAR_WIDTH = 38;
const SHORT_DIGEST = 12;

/** A block of bars at the end of the screen, redrawn in place. Lines that are finished scroll away above it. */
export function terminalProgress(write: (text: string) => void, now: () => number = Date.now): ProgressSink {
  const bars: Bar[] = [];
  let drawn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    timer = undefined;
    const up = drawn > 0 ? `\x1b[${drawn}A\r` : "";
    write(up + bars.map((bar) => `\x1b[2K${render(bar, now())}\n`).join(""));
    drawn = bars.length;
    // Bars that are finished at the top of the block need no redrawing.
    while (bars[0]?.outcome !== undefined) {
      bars.shift();
      drawn -= 1;
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(draw, REDRAW_MS);
  };
  const flush = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    draw();
  };

  return {
    line(text) {
      flush();
      if (drawn > 0) draw();
      write(`${text}\n`);
      drawn = 0;
    },
    start(kind, info) {
      const bar = newBar(kind, info, now());
      bars.push(bar);
      schedule();
      return progressOf(bar, schedule);
    },
    close: flush,
  };
}

function newBar(kind: BlobKind, info: BlobInfo, began: number): Bar {
  const hex = info.digest.slice(info.digest.indexOf(":") + 1);
  const prefix = `Copying ${kind} ${hex}`.slice(0, "Copying blob ".length + SHORT_DIGEST);
  return { prefix, total: info.size, current: 0, outcome: undefined, began };
}

function progressOf(bar: Bar, changed: () => void): BlobProgress {
  return {
    advance(bytes) {
      bar.current += bytes;
      changed();
    },
    done(outcome = "done") {
      bar.outcome = outcome;
      changed();
    },
    failed() {
      bar.outcome = "failed";
      changed();
    },
  };
}

function render(bar: Bar, now: number): string {
  if (bar.outcome !== undefined) return `${bar.prefix} ${bar.outcome} ${" | ".padStart(3)}`.trimEnd();
  const speed = `${size(bar.current / Math.max(0.001, (now - bar.began) / 1000))}/s`;
  if (bar.total <= 0) return `${bar.prefix} ${size(bar.current)} | ${speed}`;
  const filled = Math.min(BAR_WIDTH, Math.floor((bar.current / bar.total) * BAR_WIDTH));
  const arrow = filled > 0 && filled < BAR_WIDTH ? `${"=".repeat(filled - 1)}>` : "=".repeat(filled);
  return `${bar.prefix} [${arrow.padEnd(BAR_WIDTH, "-")}] ${size(bar.current)} / ${size(bar.total)} | ${speed}`;
}

function size(bytes: number): string {
  const units = ["b", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)}${units[unit]}`;
}
