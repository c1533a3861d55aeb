/** `npm run check`: types of every package (turbo), lint and format (Biome), package boundaries, unused code (knip). All run; any failure fails. */
import { checkBoundaries } from "./boundaries.ts";

const steps: ReadonlyArray<readonly [name: string, command: readonly string[]]> = [
  ["types", ["turbo", "run", "check", "--output-logs=errors-only", "--continue=always"]],
  ["lint", ["biome", "check", "packages", "e2e", ".workspace"]],
  ["unused code", ["knip", "--config", ".workspace/knip.json", "--no-progress", "--no-config-hints"]],
];

let failed = false;
for (const [name, command] of steps) {
  const result = Bun.spawnSync({
    cmd: [...command],
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  if (result.exitCode !== 0) {
    failed = true;
    console.error(`check: ${name} failed`);
  }
}
const crossings = checkBoundaries(".");
for (const crossing of crossings) console.error(`check: ${crossing}`);
process.exit(failed || crossings.length > 0 ? 1 : 0);
