import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { MountConfig } from "../config.ts";

const PROPAGATIONS = new Set(["private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"]);
/** Options that the engine itself acts on: the runtime never sees them. */
const OURS = new Set(["z", "Z", "U", "copy", "nocopy", "O"]);

/** A user's mount as the runtime wants it, but for the files of artifacts, of which there may be several. `source` is the host's path of a bind or volume. */
export function toSpecMount(mount: Exclude<MountConfig, { type: "artifact" }>, source: string): SpecMount {
  switch (mount.type) {
    case "bind":
      return { destination: mount.target, type: "bind", source, options: bindOptions(mount.options, []) };
    case "volume":
      return { destination: mount.target, type: "bind", source, options: bindOptions(mount.options, volumeDefaults(mount.options)) };
    case "tmpfs":
      return { destination: mount.target, type: "tmpfs", source: "tmpfs", options: tmpfsOptions(mount.options) };
    case "ramfs":
      return { destination: mount.target, type: "ramfs", source: "ramfs", options: mount.options };
    case "devpts":
      return { destination: mount.target, type: "devpts", source: "devpts", options: mount.options };
    case "image":
      return { destination: mount.target, type: "bind", source, options: ["rbind", mount.readWrite ? "rw" : "ro", "rprivate"] };
  }
}

/** With --read-only: tmpfs where programs expect to write, unless the user mounted something there. */
export function readOnlyTmpfsMounts(taken: ReadonlySet<string>): SpecMount[] {
  return ["/tmp", "/var/tmp", "/run"]
    .filter((target) => !taken.has(target))
    .map((target) => ({
      destination: target,
      type: "tmpfs",
      source: "tmpfs",
      options: ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup"],
    }));
}

function bindOptions(asked: readonly string[], defaults: readonly string[]): string[] {
  const options = asked.filter((option) => !OURS.has(option)).map(runtimeOption);
  const propagation = options.some((option) => PROPAGATIONS.has(option)) ? [] : ["rprivate"];
  const kind = options.includes("bind") || options.includes("rbind") ? [] : ["rbind"];
  return [...options, ...propagation, ...defaults, ...kind];
}

/** crun has a name of its own for binding a link itself. */
function runtimeOption(option: string): string {
  return option === "no-dereference" ? "copy-symlink" : option;
}

/** Volumes hold data, not programs with rights nor devices, unless said otherwise. */
function volumeDefaults(asked: readonly string[]): string[] {
  return [
    ...(asked.includes("suid") || asked.includes("nosuid") ? [] : ["nosuid"]),
    ...(asked.includes("dev") || asked.includes("nodev") ? [] : ["nodev"]),
  ];
}

function tmpfsOptions(asked: readonly string[]): string[] {
  const options = asked.filter((option) => !OURS.has(option) && option !== "tmpcopyup" && option !== "notmpcopyup");
  const has = (...names: string[]): boolean => options.some((option) => names.includes(option));
  return [
    ...options,
    ...(options.some((option) => PROPAGATIONS.has(option)) ? [] : ["rprivate"]),
    ...(has("suid", "nosuid") ? [] : ["nosuid"]),
    ...(has("dev", "nodev") ? [] : ["nodev"]),
    ...(asked.includes("notmpcopyup") ? [] : ["tmpcopyup"]),
  ];
}
