/**
 * What a vitest run's JSON report says, and what remains of it when the files that failed were run once more, each file for itself.
 */
import { existsSync, readFileSync } from "node:fs";

/** The parts of vitest's `json` reporter that are read here. */
interface VitestReport {
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  /** Absolute path. */
  readonly name: string;
  readonly status: string;
  readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>;
}

/** Counts of tests; a file that broke before its first test counts as one failure. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** The files of a report; undefined when the run left none. */
export function readReport(path: string): readonly TestFile[] | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as VitestReport).testResults : undefined;
}

export const failedFiles = (files: readonly TestFile[]): readonly TestFile[] => files.filter(({ status }) => status === "failed");

/** Files of which something was skipped. */
export const filesWithSkips = (files: readonly TestFile[]): readonly TestFile[] =>
  files.filter(({ assertionResults }) => assertionResults.some(({ status }) => isSkipped(status)));

/** The tests of a file that failed; the file's own name where it broke before any test. */
export function failuresOf({ name, assertionResults }: TestFile): readonly string[] {
  const failed = assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
  return failed.length > 0 ? failed : [name];
}

/** Adds the counts of files to the totals. */
export function addTo(totals: Totals, files: readonly TestFile[]): void {
  for (const file of files) {
    for (const { status } of file.assertionResults) {
      if (status === "passed") totals.passed += 1;
      else if (isSkipped(status)) totals.skipped += 1;
    }
    if (file.status === "failed") totals.failed += failuresOf(file).length;
  }
}

function isSkipped(status: string): boolean {
  return status === "skipped" || status === "pending" || status === "todo";
}
