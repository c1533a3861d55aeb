import fs from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ProjectAmounts } from "@containers/common/sys/sys";
import { parseBooleanOption, splitOption } from "../driver-options.ts";
import { NO_LIMITS, parseLayerInodes, parseLayerSize } from "./layer-limits.ts";

/** The `overlay.*` options of storage.conf and `--storage-opt`. */
export interface OverlayOptions {
  /** Mount options for every layer, from `overlay.mountopt`. */
  readonly mountOptions: readonly string[];
  /** Other stores' graph roots whose layers can be used, not changed. */
  readonly additionalStores: readonly string[];
  readonly ignoreChownErrors: boolean;
  /** Leaves the driver's directory as it is instead of making it a mount of its own, private to the host. */
  readonly skipMountHome: boolean;
  /** A FUSE program to mount with (fuse-overlayfs), from `overlay.mount_program`. */
  readonly mountProgram: string | undefined;
  /** Mode that all files have on disk, from `overlay.force_mask`; the real owners and modes are in an attribute that the mount program reads. */
  readonly forceMask: number | undefined;
  /** What each writable layer may take, from `overlay.size` and `overlay.inodes`. */
  readonly limits: ProjectAmounts;
}

/** Reads options in the form `overlay.KEY=VALUE` (also `overlay2.`, `.KEY` and `KEY`, as the original); options of other drivers are passed over. */
export function parseOverlayOptions(options: readonly string[]): OverlayOptions {
  let mountOptions: string[] = [];
  const additionalStores: string[] = [];
  let ignoreChownErrors = false;
  let skipMountHome = false;
  let mountProgram: string | undefined;
  let forceMask: number | undefined;
  let limits = NO_LIMITS;
  for (const option of options) {
    // An empty one takes away what storage.conf says.
    if (option === "") continue;
    const { key, value } = splitOption(option);
    // Without a driver's name it is meant for this one.
    const name = key.replace(/^(overlay\.)?(overlay2\.)?\.?/, "");
    if (name === "mountopt") mountOptions = value.split(",").filter((part) => part !== "");
    else if (name === "imagestore" || name === "additionalimagestore")
      additionalStores.push(...value.split(",").filter((part) => part !== ""));
    else if (name === "ignore_chown_errors") ignoreChownErrors = parseBooleanOption(key, value);
    else if (name === "skip_mount_home") skipMountHome = parseBooleanOption(key, value);
    else if (name === "mount_program") mountProgram = value === "" ? undefined : requireProgram(value);
    else if (name === "force_mask") forceMask = parseMask(key, value);
    else if (name === "size") limits = { ...limits, bytes: parseLayerSize(value) };
    else if (name === "inodes") limits = { ...limits, inodes: parseLayerInodes(value) };
    else if (name === "override_kernel_check") continue;
    else if (name === "additionallayerstore") refuseLayerStores();
    else if (name === "use_composefs") refuseComposefs(parseBooleanOption(key, value));
    else throw new ToolError("invalid-argument", `unknown option ${JSON.stringify(name)} (${JSON.stringify(option)})`);
  }
  return { mountOptions, additionalStores, ignoreChownErrors, skipMountHome, mountProgram, forceMask, limits };
}

function requireProgram(program: string): string {
  if (fs.existsSync(program)) return program;
  throw new ToolError("not-found", `overlay: can't stat program ${JSON.stringify(program)}: no such file or directory`, {
    hint: "install fuse-overlayfs, or name its path in storage.conf's mount_program",
  });
}

function parseMask(key: string, value: string): number | undefined {
  if (value === "") return undefined;
  if (value === "shared") return 0o755;
  if (value === "private") return 0o700;
  if (/^[0-7]{1,5}$/.test(value)) return Number.parseInt(value, 8);
  throw new ToolError("invalid-argument", `storage option ${key} must be shared, private or an octal mode, not ${JSON.stringify(value)}`);
}

function refuseComposefs(asked: boolean): void {
  if (asked)
    throw new ToolError("unsupported", "storage option overlay.use_composefs is not supported", {
      hint: "leave it out: plain overlay is used",
    });
}

function refuseLayerStores(): never {
  throw new ToolError("unsupported", "storage option additionallayerstores (layers mounted by a FUSE server) is not supported", {
    hint: "use additionalimagestores",
  });
}
