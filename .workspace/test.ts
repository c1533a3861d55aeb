/**
 * `npm test`: the packages' tests (turbo, so unchanged packages come from its cache), then the end-to-end tests with
 * the built executables. What was skipped, for want of the original tools above all, is tried once more through `E2E_ALSO_IN` when that names a
 * command that enters another root file system; those of systemd through `E2E_SYSTEMD_IN`, which enters a machine that systemd runs. Prints one closing line, `N passed, N failed, N skipped`, over all of them.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { installSystemPackages } from "./system-packages.ts";

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>;
  }>;
}

const packages = ["common", "conmon", "storage", "image", "buildah", "skopeo", "podman"];
const onlyEndToEnd = process.argv.includes("--only-e2e");
const filters = process.argv.slice(2).filter((argument) => argument !== "--only-e2e");
const totals = { passed: 0, failed: 0, skipped: 0 };

function run(command: readonly string[], cwd = "."): boolean {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  return Bun.spawnSync({ cmd: [...command], cwd, stdio: ["ignore", "inherit", "inherit"], env }).exitCode === 0;
}

/** Adds a report's counts; a suite that failed before any test ran counts as one failure. */
function count(directory: string, succeeded: boolean): void {
  const path = `${directory}/dist/report.json`;
  if (!existsSync(path)) {
    totals.failed += 1;
    console.error(`${directory}: the test run left no report`);
    return;
  }
  const report = JSON.parse(readFileSync(path, "utf8")) as VitestReport;
  const brokenSuites = report.testResults.filter(
    (suite) => suite.status === "failed" && !suite.assertionResults.some((test) => test.status === "failed"),
  );
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + brokenSuites.length;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  if (!succeeded && report.numFailedTests === 0 && brokenSuites.length === 0) totals.failed += 1;
}

/** What is worth repeating with the other machine's runtime and network programs, whatever was skipped on this one. */
const alwaysRepeated = ["basic.test.ts", "podman/lifecycle.test.ts", "podman/run.test.ts", "podman/network.test.ts"];

/** The end-to-end test files of the last run of which something was skipped: another machine may have what it needs. */
function filesWithSkips(): string[] {
  if (!existsSync("e2e/dist/report.json")) return [];
  const { testResults } = JSON.parse(readFileSync("e2e/dist/report.json", "utf8")) as VitestReport;
  const skipped = testResults.filter((suite) => suite.assertionResults.some(({ status }) => status === "skipped" || status === "pending"));
  return skipped.map(({ name }) => name.slice(name.lastIndexOf("/e2e/") + "/e2e/".length));
}

/** Runs end-to-end tests through the command that a variable names, which enters another root file system; nothing where it names none. */
function endToEndIn(variable: string, files: readonly string[]): void {
  const enter = process.env[variable]?.split(" ").filter((word) => word !== "") ?? [];
  if (enter.length === 0) return;
  rmSync("e2e/dist", { recursive: true, force: true });
  const line = `cd ${process.cwd()}/e2e && TMPDIR=\${E2E_TMPDIR:-/tmp} ${process.cwd()}/node_modules/.bin/bun ${vitest.join(" ")} ${files.join(" ")}`;
  count("e2e", run([...enter, "bash", "-c", line]));
}

await installSystemPackages();
if (!onlyEndToEnd) {
  for (const name of packages) rmSync(`packages/${name}/dist`, { recursive: true, force: true });
  run(["turbo", "run", "test", "--continue=always", "--output-logs=errors-only", "--concurrency=2"]);
  for (const name of packages) count(`packages/${name}`, true);
}
rmSync("e2e/dist", { recursive: true, force: true });
const vitest = ["--bun", "../node_modules/vitest/vitest.mjs", "run", "--config", "vitest.config.ts"];
const succeeded = run(["bun", ...vitest, ...filters], "e2e");
count("e2e", succeeded);
endToEndIn("E2E_ALSO_IN", filters.length > 0 ? filters : [...alwaysRepeated, ...filesWithSkips()]);
// Systemd's tests, unless others were asked for.
const systemdTests = ["tour/08-systemd", "tour/16-updates"];
const asked = filters.length === 0 ? systemdTests : systemdTests.filter((file) => filters.some((filter) => file.includes(filter)));
if (asked.length > 0) endToEndIn("E2E_SYSTEMD_IN", asked);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
