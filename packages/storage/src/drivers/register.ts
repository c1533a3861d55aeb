import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import type { StorageDriver } from "./driver.ts";
import { OverlayDriver } from "./overlay/overlay-driver.ts";
import { parseOverlayOptions } from "./overlay/overlay-options.ts";

export interface DriverPlaces {
  readonly graphRoot: string;
  readonly runRoot: string;
  /** Graph root of the store that images are kept in, where that is another. */
  readonly imageStore?: string | undefined;
}

export interface DriverChoice {
  readonly driver: StorageDriver;
  /** Graph roots of additional stores. */
  readonly additionalStores: readonly string[];
}

/** The drivers, in the order in which a new store tries them. */
const DRIVERS = ["overlay", "vfs"] as const;

/**
 * Opens the driver that is asked for, or the one that the store was made with, or for a new store overlay where the host can mount it and
 * vfs, with a warning, where not.
 */
export function openDriver(
  sys: Sys,
  places: DriverPlaces,
  options: {
    readonly name: string;
    /** `driver_priority`: those to try, in this order, where none is named. */
    readonly priority?: readonly string[] | undefined;
    readonly driverOptions: readonly string[];
    readonly warn: (message: string) => void;
  },
): DriverChoice {
  const name = options.name === "" ? chooseDriver(sys, places, options) : options.name;
  if (name === "overlay") {
    const overlay = parseOverlayOptions(options.driverOptions);
    const home = path.join(places.graphRoot, "overlay");
    prepareHome(home, overlay.mountProgram !== undefined);
    const imageHome = places.imageStore === undefined ? undefined : path.join(places.imageStore, "overlay");
    if (imageHome !== undefined) prepareHome(imageHome, overlay.mountProgram !== undefined);
    return {
      driver: new OverlayDriver(sys, { home, runHome: path.join(places.runRoot, "overlay"), imageHome }, overlay),
      additionalStores: overlay.additionalStores,
    };
  }
  if (name === "vfs") {
    const { VfsDriver }: typeof import("./vfs/vfs-driver.ts") = require("./vfs/vfs-driver.ts");
    const { parseVfsOptions }: typeof import("./vfs/vfs-options.ts") = require("./vfs/vfs-options.ts");
    const vfs = parseVfsOptions(options.driverOptions);
    const imageHome = places.imageStore === undefined ? undefined : path.join(places.imageStore, "vfs");
    return {
      driver: new VfsDriver(sys, { home: path.join(places.graphRoot, "vfs"), imageHome }, vfs),
      additionalStores: vfs.additionalStores,
    };
  }
  throw new ToolError("unsupported", `storage driver ${JSON.stringify(name)} is not supported`, { hint: "use overlay or vfs" });
}

function chooseDriver(
  sys: Sys,
  places: DriverPlaces,
  { priority = [], warn }: { readonly priority?: readonly string[] | undefined; readonly warn: (message: string) => void },
): string {
  const candidates: readonly string[] = priority.length === 0 ? DRIVERS : priority.filter((name) => name === "overlay" || name === "vfs");
  if (candidates.length === 0)
    throw new ToolError("unsupported", `driver_priority of storage.conf names no supported driver: ${priority.join(", ")}`, {
      hint: "use overlay or vfs",
    });
  const existing = candidates.find((name) => fs.existsSync(path.join(places.graphRoot, `${name}-layers`)));
  if (existing !== undefined) return existing;
  if (candidates[0] === "vfs") return "vfs";
  const { probeOverlay }: typeof import("./overlay/probe.ts") = require("./overlay/probe.ts");
  const problem = probeOverlay(sys, { home: path.join(places.graphRoot, "overlay"), runHome: path.join(places.runRoot, "overlay") });
  if (problem === undefined) return "overlay";
  removeIfEmpty(path.join(places.graphRoot, "overlay"));
  const why = `overlay is not usable in ${places.graphRoot} (${problem instanceof Error ? problem.message : String(problem)})`;
  if (!candidates.includes("vfs"))
    throw new ToolError("unavailable", why, { hint: "driver_priority of storage.conf allows no other driver: add vfs" });
  warn(`${why}: using the slower vfs storage driver`);
  return "vfs";
}

/** The place where overlay was tried must not look like a store that was made with it. */
function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // Not empty, or not made: either way not ours to remove.
  }
}

/** Either kind of store must be opened with or without a mount program as it was made: a mount program reads both kinds of deletion marks, the kernel its own. */
function prepareHome(home: string, mountProgram: boolean): void {
  if (!fs.existsSync(path.join(home, "l"))) fs.mkdirSync(path.join(home, "l"), { recursive: true, mode: 0o755 });
  const flag = path.join(home, ".has-mount-program");
  if (fs.existsSync(flag)) {
    if (mountProgram || fs.readFileSync(flag, "utf8").trim() !== "true") {
      if (mountProgram && fs.readFileSync(flag, "utf8").trim() !== "true") fs.writeFileSync(flag, "true", { mode: 0o600 });
      return;
    }
    throw new ToolError(
      "unsupported",
      `the store ${path.dirname(home)} was made with a FUSE mount program, whose deletion marks native overlay cannot read`,
      {
        hint: "use another --root, or podman system reset with the tool that made it",
      },
    );
  }
  fs.writeFileSync(flag, String(mountProgram), { mode: 0o600 });
}
