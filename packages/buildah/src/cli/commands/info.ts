import { readFileSync } from "node:fs";
import { cpus, freemem, hostname, release, totalmem } from "node:os";
import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { defineCommand } from "@containers/common/cli/define-command";
import { findRuntime } from "@containers/common/oci-runtime/find-runtime";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isRootless } from "@containers/common/rootless/rootless";
import type { Store } from "@containers/storage/store";
import { hostArchitecture } from "../../working-container/image-config.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah info`. */
export const infoCommand = defineCommand({
  name: "info",
  summary: "Display Buildah system information",
  description: "The information displayed pertains to the host and current storage statistics which is useful when reporting issues.",
  flags: {
    debug: { type: "bool", short: "d", description: "display additional debug information" },
    format: { type: "string", description: "use `format` as a Go template to format the output" },
  },
  run: ({ flags, globals, out }) => {
    const info = { host: hostInfo(), store: storeInfo(openCommandStore(globals)) };
    if (flags.format !== undefined && flags.format !== "") out.stdout(formatOne(flags.format, info));
    else out.stdout(`${toJson(info)}\n`);
    return undefined;
  },
});

function hostInfo(): Record<string, unknown> {
  const swap = /^SwapTotal:\s+(\d+)[^]*^SwapFree:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return {
    CgroupVersion: `v${readCgroupLayout().version}`,
    Distribution: distribution(),
    MemFree: freemem(),
    MemTotal: totalmem(),
    OCIRuntime: runtimeName(),
    SwapFree: Number(swap?.[2] ?? 0) * 1024,
    SwapTotal: Number(swap?.[1] ?? 0) * 1024,
    arch: hostArchitecture(),
    cpus: cpus().length,
    hostname: hostname(),
    kernel: release(),
    os: "linux",
    rootless: isRootless(),
    uptime: uptimeText(readIfThere("/proc/uptime")),
    variant: "",
  };
}

/** `10h 13m 49.52s (Approximately 0.42 days)`. */
function uptimeText(uptime: string): string {
  const seconds = Number(uptime.split(" ")[0] ?? 0);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const clock = [
    ...(hours > 0 ? [`${hours}h`] : []),
    ...(hours > 0 || minutes > 0 ? [`${minutes}m`] : []),
    `${Number((seconds % 60).toFixed(2))}s`,
  ].join(" ");
  return hours > 0 ? `${clock} (Approximately ${(seconds / 86_400).toFixed(2)} days)` : clock;
}

function distribution(): { readonly distribution: string; readonly version: string } {
  const text = readIfThere("/etc/os-release");
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return { distribution: value("ID") || "unknown", version: value("VERSION_ID") || "unknown" };
}

function runtimeName(): string {
  try {
    return findRuntime().name;
  } catch {
    // Information about a machine without one is still information.
    return "";
  }
}

function storeInfo(store: Store): Record<string, unknown> {
  return {
    ContainerStore: { number: store.containers.list().length },
    GraphDriverName: store.driverName,
    GraphImageStore: store.imageStore ?? "",
    GraphOptions: store.driverOptions.length === 0 ? null : store.driverOptions,
    GraphRoot: store.graphRoot,
    GraphStatus: store.driverStatus(),
    GraphTransientStore: store.transientStore,
    ImageStore: { number: store.images.list().length },
    RunRoot: store.runRoot,
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
