import { lstatSync, statSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parseMountFlag } from "@containers/common/mount-syntax/parse-mount-flag";
import { parseVolume } from "@containers/common/mount-syntax/parse-volume";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { MountConfig } from "../containers/config.ts";
import { newId } from "../containers/creation/new-id.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { expandGlob, type SingleVolume } from "./expand-glob.ts";
import type { SettleContext } from "./settle-context.ts";

/** The user's mounts, those of --volumes-from and the image's volumes; of several at one place the user's wins. */
export function settleMounts(spec: ContainerSpec, context: SettleContext): MountConfig[] {
  const own = withoutRepeats((spec.volumes ?? []).flatMap(expandGlob)).map((volume) => settleMount(volume, context));
  const targets = new Set<string>();
  for (const { target } of own) {
    if (targets.has(target)) throw new ToolError("invalid-argument", `${target}: duplicate mount destination`);
    targets.add(target);
  }
  const taken = (mount: MountConfig): boolean => !targets.has(mount.target);
  const configured = configuredMounts(spec, context).filter(taken);
  for (const { target } of configured) targets.add(target);
  const inherited = (spec.volumesFrom ?? []).flatMap((reference) => volumesOf(reference, context)).filter(taken);
  for (const { target } of inherited) targets.add(target);
  return [...own, ...configured, ...inherited, ...imageVolumes(spec, context).filter(taken)];
}

/** Saying the same twice is no contradiction. */
function withoutRepeats(volumes: readonly SingleVolume[]): SingleVolume[] {
  return [...new Map(volumes.map((volume) => [JSON.stringify(volume), volume])).values()];
}

/** containers.conf's `volumes` and `mounts`, for every container but those that hold a pod's namespaces. */
function configuredMounts(spec: ContainerSpec, context: SettleContext): MountConfig[] {
  const { volumes, mounts } = context.defaults;
  if (spec.infra !== undefined) return [];
  const parsed = mounts.flatMap((text) => {
    try {
      return expandGlob(parseMountFlag(text));
    } catch (error) {
      throw wrapError("parsing containers.conf mounts", error);
    }
  });
  return [...volumes.map(parseVolume).flatMap(expandGlob), ...parsed].map((volume) => settleMount(volume, context));
}

function settleMount(volume: SingleVolume, context: SettleContext): MountConfig {
  const target = normalizeTarget(volume.target);
  switch (volume.type) {
    case "bind":
      requireSource(volume);
      checkOverlay(volume.options);
      return { ...volume, target };
    case "volume": {
      checkOverlay(volume.options);
      const anonymous = volume.name === undefined || volume.name === "";
      return {
        type: "volume",
        name: anonymous ? newId() : (volume.name ?? ""),
        target,
        options: volume.options,
        anonymous: volume.anonymous ?? anonymous,
        ...(volume.subpath === undefined ? {} : { subpath: volume.subpath }),
      };
    }
    case "tmpfs":
    case "ramfs":
      if (context.rootless && volume.options.includes("noswap")) {
        throw new ToolError(
          "invalid-argument",
          "the 'noswap' option is only allowed with rootful tmpfs mounts: must provide an argument for option",
        );
      }
      return { ...volume, target };
    case "devpts":
    case "artifact":
      return { ...volume, target };
    case "image":
      return { ...volume, target, imageId: requireImage(volume.source, context) };
  }
}

function requireImage(name: string, context: SettleContext): string {
  const id = context.findImage?.(name);
  if (id === undefined) throw new ToolError("not-found", `${name}: image not known`);
  return id;
}

/** An overlay takes no other option but the places of what is written. */
function checkOverlay(options: readonly string[]): void {
  const places = ["upperdir=", "workdir="].filter((name) => options.some((option) => option.startsWith(name)));
  if (!options.includes("O")) {
    if (places.length > 0) throw new ToolError("invalid-argument", "the options `upperdir` and `workdir` need the option `O`");
    return;
  }
  if (places.length === 1) throw new ToolError("invalid-argument", "must set both `upperdir` and `workdir`");
  if (options.length > 1 + places.length) throw new ToolError("invalid-argument", "can't use 'O' with other options");
}

function normalizeTarget(target: string): string {
  if (!target.startsWith("/")) throw new ToolError("invalid-argument", `invalid container path "${target}", must be an absolute path`);
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}

function requireSource({ source, options }: { readonly source: string; readonly options: readonly string[] }): void {
  try {
    (options.includes("no-dereference") ? lstatSync : statSync)(source);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") throw new ToolError("not-found", `statfs ${source}: no such file or directory`, { exitCode: 125 });
    throw error;
  }
}

function lookUp(name: string, { resolveContainer }: SettleContext): ReturnType<SettleContext["resolveContainer"]> {
  try {
    return resolveContainer(name);
  } catch (error) {
    throw wrapError(`looking up container ${JSON.stringify(name)} for volumes-from`, error);
  }
}

function volumesOf(reference: string, context: SettleContext): MountConfig[] {
  const [name = "", options = ""] = reference.split(":");
  const source = lookUp(name, context);
  const extra = options.split(",").filter((option) => option !== "");
  const unknown = extra.find((option) => option !== "ro" && option !== "rw" && option !== "z");
  if (unknown !== undefined)
    throw new ToolError(
      "invalid-argument",
      `invalid option ${JSON.stringify(unknown)} specified - volumes from another container can only use z,ro,rw options`,
    );
  return source.mounts
    .filter((mount) => mount.type === "volume" || mount.type === "bind")
    .map((mount) => ({
      ...mount,
      options: [...mount.options.filter((option) => extra.length === 0 || (option !== "ro" && option !== "rw")), ...extra],
    }));
}

function imageVolumes(spec: ContainerSpec, context: SettleContext): MountConfig[] {
  // As docker takes them: what is no absolute path is meant from the root.
  const targets = Object.keys(context.image?.config.Volumes ?? {}).map((path) => normalizeTarget(`/${path}`));
  switch (spec.imageVolumes ?? context.defaults.imageVolumes) {
    case "ignore":
      return [];
    case "tmpfs":
      return targets.map((target) => ({ type: "tmpfs", target, options: ["rprivate", "rw", "nodev", "exec"] }));
    default:
      return targets.map((target) => ({
        type: "volume",
        name: newId(),
        target,
        options: ["rprivate", "rw", "nodev", "exec"],
        anonymous: true,
      }));
  }
}
