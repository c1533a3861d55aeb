import { readFileSync } from "node:fs";
import { hostname, release } from "node:os";

/** Memory and swap of the machine in bytes. */
export function memoryFacts(meminfo: string = read("/proc/meminfo")) {
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  return { memFree: bytes("MemFree"), memTotal: bytes("MemTotal"), swapFree: bytes("SwapFree"), swapTotal: bytes("SwapTotal") };
}

/** Share of processor time since the machine started, in percent with two decimals. */
export function cpuUtilization(stat: string = read("/proc/stat")) {
  const ticks = (/^cpu\s+(.*)$/m.exec(stat)?.[1] ?? "").split(/\s+/).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0) || 1;
  const percent = (...fields: number[]): number =>
    Math.round((fields.reduce((sum, field) => sum + (ticks[field] ?? 0), 0) / total) * 10_000) / 100;
  return { userPercent: percent(0, 1), systemPercent: percent(2), idlePercent: percent(3) };
}

/** `1h 17m 28.00s (Approximately 0.04 days)`. */
export function uptimeText(uptime: string = read("/proc/uptime")): string {
  const seconds = Math.floor(Number(uptime.split(" ")[0] ?? 0));
  const hours = Math.floor(seconds / 3600);
  const clock = `${hours > 0 ? `${hours}h ` : ""}${Math.floor(seconds / 60) % 60}m ${(seconds % 60).toFixed(2)}s`;
  return hours > 0 ? `${clock} (Approximately ${(hours / 24).toFixed(2)} days)` : clock;
}

/** From /etc/os-release. */
export function distribution(release: string = read("/etc/os-release")) {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}=(?:"(.*)"|(.*))$`, "m")
      .exec(release)
      ?.slice(1)
      .find((text) => text !== undefined);
  const [variant, codename] = [value("VARIANT_ID"), value("VERSION_CODENAME")];
  return {
    distribution: value("ID") ?? "unknown",
    ...(variant === undefined ? {} : { variant }),
    version: value("VERSION_ID") ?? "unknown",
    ...(codename === undefined ? {} : { codename }),
  };
}

export function hostNames(): { hostname: string; kernel: string } {
  return { hostname: hostname(), kernel: release() };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
