/**
 * `npm test`: the packages' tests (turbo, so unchanged packages come from its cache), then the end-to-end tests with
 * the built executables. What was skipped, for want of the original tools above all, is tried once more through `E2E_ALSO_IN` when that names a
 * command that enters another root file system; those of systemd through `E2E_SYSTEMD_IN`, which enters a machine that systemd runs.
 *
 * A file that fails is run once more from its start: a defect fails again, while a machine that was busy for a moment does not hide what the
 * other files prove. Whatever passes only then is named before the closing line, for somebody to mend.
 * The closing line, `N passed, N failed, N skipped`, is over all runs.
 */
import { rmSync } from "node:fs";
import { installSystemPackages } from "./system-packages.ts";
import { addTo, failedFiles, failuresOf, filesWithSkips, readReport, type Totals } from "./test-report.ts";

const packages = ["common", "conmon", "storage", "image", "buildah", "skopeo", "podman"];
const onlyEndToEnd = process.argv.includes("--only-e2e");
const filters = process.argv.slice(2).filter((argument) => argument !== "--only-e2e");
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
/** Tests that failed first and passed when their file was run again. */
const unsteady: string[] = [];
const vitest = ["--bun", "../node_modules/vitest/vitest.mjs", "run", "--config", "vitest.config.ts"];

function run(command: readonly string[], cwd = "."): boolean {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  return Bun.spawnSync({ cmd: [...command], cwd, stdio: ["ignore", "inherit", "inherit"], env }).exitCode === 0;
}

function fail(why: string): void {
  totals.failed += 1;
  console.error(why);
}

/**
 * Counts what the test run of a directory (its report is there) came to, after the files that failed were run again. Returns the names, below
 * the directory, of the files of which something was skipped.
 */
function settle(directory: string, succeeded: boolean, runVitest: (files: readonly string[]) => boolean): readonly string[] {
  const report = `${directory}/dist/report.json`;
  const below = ({ name }: { readonly name: string }): string => name.slice(name.lastIndexOf(`/${directory}/`) + directory.length + 2);
  const first = readReport(report);
  if (first === undefined) {
    fail(`${directory}: the test run left no report`);
    return [];
  }
  const failed = failedFiles(first);
  addTo(
    totals,
    first.filter((file) => !failed.includes(file)),
  );
  if (!succeeded && failed.length === 0) fail(`${directory}: the test run failed outside of its tests`);
  if (failed.length === 0) return filesWithSkips(first).map(below);
  console.log(`\n${directory}: run again, since something failed: ${failed.map(below).join(" ")}`);
  rmSync(report, { force: true });
  runVitest(failed.map(below));
  const second = readReport(report) ?? failed;
  addTo(totals, second);
  const stillFailing = new Set(failedFiles(second).flatMap(failuresOf));
  unsteady.push(...failed.flatMap(failuresOf).filter((test) => !stillFailing.has(test)));
  return filesWithSkips(first).map(below);
}

/** Runs end-to-end tests; returns the files of which something was skipped. */
function endToEnd(runVitest: (files: readonly string[]) => boolean, files: readonly string[]): readonly string[] {
  rmSync("e2e/dist", { recursive: true, force: true });
  return settle("e2e", runVitest(files), runVitest);
}

/** Runs end-to-end tests through the command that a variable names, which enters another root file system; nothing where it names none. */
function endToEndIn(variable: string, files: readonly string[]): void {
  const enter = process.env[variable]?.split(" ").filter((word) => word !== "") ?? [];
  if (enter.length === 0) return;
  const line = `cd ${process.cwd()}/e2e && TMPDIR=\${E2E_TMPDIR:-/tmp} ${process.cwd()}/node_modules/.bin/bun ${vitest.join(" ")}`;
  endToEnd((names) => run([...enter, "bash", "-c", `${line} ${names.join(" ")}`]), files);
}

await installSystemPackages();
if (!onlyEndToEnd) {
  for (const name of packages) rmSync(`packages/${name}/dist`, { recursive: true, force: true });
  run(["turbo", "run", "test", "--continue=always", "--output-logs=errors-only", "--concurrency=2"]);
  for (const name of packages)
    settle(`packages/${name}`, true, (files) => run(["npm", "run", "--silent", "test", "--", ...files], `packages/${name}`));
}
const skips = endToEnd((names) => run(["bun", ...vitest, ...names], "e2e"), filters);
// What is worth repeating with the other machine's runtime and network programs, whatever was skipped on this one.
const alwaysRepeated = ["basic.test.ts", "podman/lifecycle.test.ts", "podman/run.test.ts", "podman/network.test.ts"];
endToEndIn("E2E_ALSO_IN", filters.length > 0 ? filters : [...alwaysRepeated, ...skips]);
// Systemd's tests, unless others were asked for.
const systemdTests = ["tour/08-systemd", "tour/16-updates"];
const asked = filters.length === 0 ? systemdTests : systemdTests.filter((file) => filters.some((filter) => file.includes(filter)));
if (asked.length > 0) endToEndIn("E2E_SYSTEMD_IN", asked);
if (unsteady.length > 0) console.log(`\nfailed once, and passed when run again:\n${unsteady.map((test) => `  ${test}`).join("\n")}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
