import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import type { DeviceSpec } from "../mount-syntax/parse-device.ts";
import { majorOf, minorOf } from "../sys/device-number.ts";
import { errnoCode } from "../sys/sys-error.ts";
import type { DeviceRule, SpecDevice, SpecMount } from "./runtime-spec.ts";

export interface ContainerDevices {
  readonly devices: readonly SpecDevice[];
  readonly rules: readonly DeviceRule[];
  /** Rootless: nodes cannot be made in a user namespace, the host's are bound instead. */
  readonly mounts: readonly SpecMount[];
}

/** Of /dev, what every container has of its own. */
const OWN_PARTS = new Set([
  "pts",
  "shm",
  "fd",
  "mqueue",
  "console",
  "stdin",
  "stdout",
  "stderr",
  ".lxc",
  ".lxd-mounts",
  ".udev",
  "hugepages",
]);

/** The user's devices, and all of the host's for a privileged container. */
export function buildDevices(wanted: {
  readonly devices: readonly DeviceSpec[];
  readonly privileged: boolean;
  readonly rootless: boolean;
  readonly tty: boolean;
  /** A systemd inside would take the host's terminals for its own. */
  readonly systemd?: boolean;
}): ContainerDevices {
  const named = wanted.devices.flatMap((device) => findNodes(device));
  const hosts = wanted.privileged ? listNodes("/dev", OWN_PARTS).map((path) => ({ source: path, target: path, permissions: "rwm" })) : [];
  const isTerminal = (path: string): boolean => (wanted.systemd === true || wanted.rootless) && /^\/dev\/tty\d+$/.test(path);
  const taken = new Set(named.map(({ target }) => target));
  const all = [...named, ...hosts.filter(({ target }) => !taken.has(target) && !isTerminal(target))];
  if (wanted.rootless) return { devices: [], rules: [], mounts: all.map(bindMount) };
  const resolved = all.map((device) => ({ node: toSpecDevice(device), permissions: device.permissions ?? "rwm" }));
  return {
    devices: resolved.map(({ node }) => node),
    rules: wanted.privileged
      ? []
      : resolved.map(({ node, permissions }) => ({
          allow: true,
          type: node.type,
          major: node.major,
          minor: node.minor,
          access: permissions,
        })),
    mounts: [],
  };
}

function findNodes(device: DeviceSpec): DeviceSpec[] {
  const stat = statDevice(device.source);
  if (!stat.isDirectory()) return [device];
  return listNodes(device.source, new Set()).map((path) => ({
    source: path,
    target: device.target + path.slice(device.source.length),
    ...(device.permissions === undefined ? {} : { permissions: device.permissions }),
  }));
}

function listNodes(directory: string, skip: ReadonlySet<string>): string[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      if (skip.has(name)) return [];
      const path = `${directory}/${name}`;
      const stat = lstatSync(path);
      if (stat.isDirectory()) return listNodes(path, new Set());
      return stat.isCharacterDevice() || stat.isBlockDevice() ? [path] : [];
    });
}

function statDevice(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") throw new ToolError("not-found", `stat ${path}: no such file or directory`, { exitCode: 125 });
    throw error;
  }
}

function toSpecDevice(device: DeviceSpec): SpecDevice {
  const stat = statDevice(device.source);
  const type = stat.isBlockDevice() ? "b" : stat.isCharacterDevice() ? "c" : undefined;
  if (type === undefined) throw new ToolError("invalid-argument", `${device.source} is not a device node`);
  return {
    path: device.target,
    type,
    major: majorOf(stat.rdev),
    minor: minorOf(stat.rdev),
    fileMode: stat.mode & 0o777,
    uid: stat.uid,
    gid: stat.gid,
  };
}

function bindMount(device: DeviceSpec): SpecMount {
  return { destination: device.target, type: "bind", source: device.source, options: ["bind", "slave", "nosuid", "noexec", "rw"] };
}
