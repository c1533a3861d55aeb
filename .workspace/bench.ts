/**
 * `npm run bench [-- NAME...]`: CPU and wall time of the everyday commands of this build, beside the distribution's podman when the machine
 * has one. Median of several runs; CPU is user + system time of the command and the children it waited for.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const bin = join(dirname(import.meta.dir), "dist", "bin");
const runs = 15;
const cases: Readonly<Record<string, readonly string[]>> = {
  "podman --version": ["podman", "--version"],
  "podman --help": ["podman", "--help"],
  "podman images": ["podman", "images"],
  "podman ps": ["podman", "ps", "-a"],
  "podman info": ["podman", "info"],
  "buildah --version": ["buildah", "--version"],
  "skopeo --version": ["skopeo", "--version"],
};

function measure(command: readonly string[]): { readonly cpu: number; readonly wall: number } | undefined {
  const samples: Array<{ cpu: number; wall: number }> = [];
  for (let run = 0; run <= runs; run++) {
    const started = performance.now();
    const result = Bun.spawnSync({ cmd: [...command], stdio: ["ignore", "ignore", "ignore"] });
    if (result.exitCode !== 0) return undefined;
    const usage = result.resourceUsage;
    if (run > 0) samples.push({ cpu: Number(usage.cpuTime.total) / 1000, wall: performance.now() - started });
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return { cpu: median(samples.map((sample) => sample.cpu)), wall: median(samples.map((sample) => sample.wall)) };
}

const wanted = process.argv.slice(2);
console.log("case                    ours cpu/wall ms     original cpu/wall ms   ratio cpu");
for (const [name, [tool = "", ...args]] of Object.entries(cases)) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  const ours = measure([join(bin, tool), ...args]);
  const original = existsSync(`/usr/bin/${tool}`) ? measure([`/usr/bin/${tool}`, ...args]) : undefined;
  const cell = (value: typeof ours): string =>
    (value === undefined ? "-" : `${value.cpu.toFixed(1)} / ${value.wall.toFixed(1)}`).padEnd(22);
  console.log(`${name.padEnd(24)}${cell(ours)}${cell(original)}${ours && original ? (ours.cpu / original.cpu).toFixed(2) : ""}`);
}
