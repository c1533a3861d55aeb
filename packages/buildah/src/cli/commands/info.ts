import { readFileSync } from "node:fs";
import { cpus, freemem, hostname, release, totalmem, uptime } from "node:os";
import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { defineCommand } from "@containers/common/cli/define-command";
import { findRuntime } from "@containers/common/oci-runtime/find-runtime";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { humanDuration } from "@containers/common/report/units";
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
    uptime: humanDuration(uptime() * 1000),
    variant: "",
  };
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
    GraphOptions: store.driverOptions.length === 0 ? null : store.driverOptions,
    GraphRoot: store.graphRoot,
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
