import { humanSize } from "@containers/common/report/units";
import type { BlobProgress, ProgressSink } from "@containers/image/copy/progress";

/** One of Docker's messages about a transfer. */
export interface TransferMessage {
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly progress?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message: string };
}

/** The words for the stages of a blob. */
export interface StageWords {
  readonly begin: string;
  readonly going: string;
  readonly skipped: string;
  readonly done: string;
}

export const PULL_WORDS: StageWords = {
  begin: "Pulling fs layer",
  going: "Downloading",
  skipped: "Already exists",
  done: "Download complete",
};

/** Milliseconds between two messages about one blob. */
const PACE = 250;

/** A progress sink that tells Docker's clients, message by message. */
export function messageProgress(words: StageWords, tell: (message: TransferMessage) => void): ProgressSink {
  return {
    line: () => undefined,
    close: () => undefined,
    start(_kind, info): BlobProgress {
      const id = info.digest.replace(/^[^:]*:/, "").slice(0, 12);
      let current = 0;
      // What takes no longer than a moment is told with its end.
      let last = Date.now();
      tell({ status: words.begin, progressDetail: {}, id });
      return {
        advance(bytes) {
          current += bytes;
          if (Date.now() - last < PACE) return;
          last = Date.now();
          const total = Math.max(info.size, 0);
          tell({ status: words.going, progressDetail: { current, ...(total > 0 ? { total } : {}) }, progress: bar(current, total), id });
        },
        done: (outcome) => tell({ status: outcome?.startsWith("skipped") === true ? words.skipped : words.done, progressDetail: {}, id }),
        failed: () => undefined,
      };
    },
  };
}

/** `[=====>     ]  1.2MB/3MB`, as older clients show it. */
function bar(current: number, total: number): string {
  if (total <= 0) return humanSize(current);
  const filled = Math.min(50, Math.floor((current / total) * 50));
  return `[${"=".repeat(filled)}${filled < 50 ? ">" : ""}${" ".repeat(Math.max(0, 49 - filled))}]  ${humanSize(current)}/${humanSize(total)}`;
}
