import { createHash } from "node:crypto";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { acquireFileLock } from "@containers/common/fs/file-lock";
import { resolveInRoot } from "@containers/common/fs/open-in-root";
import { rootlessUid } from "@containers/common/rootless/rootless";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { joinPath } from "../containerfile/instructions/add-copy.ts";
import { parseRunMount, type RunMount } from "./mount-flag.ts";

export interface MountInputs {
  readonly sys: Sys;
  readonly workingDir: string;
  /** `--secret` values. */
  readonly secrets: readonly string[];
  /** A directory of this run's own, on disk. */
  readonly directory: string;
  /** Host directory that a bind mount's source is below: the context, or what `from` names. */
  sourceRoot(from: string | undefined): Promise<string>;
}

export interface PreparedMounts {
  readonly mounts: readonly SpecMount[];
  /** Variables that hold secrets. */
  readonly env: readonly string[];
  /** Gives back what was mounted and locked. */
  close(): void;
}

/** Makes ready what `--mount` flags ask for. The caller closes the result when the command is over. */
export async function prepareMounts(flags: readonly string[], inputs: MountInputs): Promise<PreparedMounts> {
  const closers: Array<() => void> = [];
  const mounts: SpecMount[] = [];
  const env: string[] = [];
  try {
    for (const flag of flags) {
      const mount = parseRunMount(flag);
      const prepared = await prepare(mount, inputs, closers);
      mounts.push(...prepared.mounts);
      env.push(...prepared.env);
    }
  } catch (error) {
    for (const close of closers.reverse()) close();
    throw error;
  }
  return {
    mounts,
    env,
    close: () => {
      for (const close of closers.reverse()) close();
    },
  };
}

interface Prepared {
  readonly mounts: readonly SpecMount[];
  readonly env: readonly string[];
}

async function prepare(mount: RunMount, inputs: MountInputs, closers: Array<() => void>): Promise<Prepared> {
  switch (mount.type) {
    case "bind":
      return { mounts: [await bindMount(mount, inputs, closers)], env: [] };
    case "cache":
      return { mounts: [await cacheMount(mount, inputs, closers)], env: [] };
    case "tmpfs":
      return { mounts: [tmpfsMount(mount, inputs)], env: [] };
    case "secret":
      return secretMount(mount, inputs);
    default:
      throw new ToolError("unsupported", "RUN --mount=type=ssh is not supported");
  }
}

function destinationOf(mount: RunMount, inputs: MountInputs): string {
  const target = mount.target ?? "";
  return target.startsWith("/") ? joinPath(target) : joinPath(inputs.workingDir, target);
}

async function bindMount(mount: RunMount, inputs: MountInputs, closers: Array<() => void>): Promise<SpecMount> {
  const root = await inputs.sourceRoot(mount.from);
  const source = resolveInRoot(inputs.sys, root, mount.source ?? "/");
  const destination = destinationOf(mount, inputs);
  if (mount.readOnly) return { destination, type: "bind", source, options: ["rbind", "ro", "rprivate"] };
  return { destination, type: "bind", source: writableCopy(source, inputs, closers), options: ["rbind", "rw", "rprivate"] };
}

/** What a build writes into a bind mount is dropped afterwards: the context and other stages stay as they are. */
function writableCopy(source: string, inputs: MountInputs, closers: Array<() => void>): string {
  const scratch = mkdtempSync(join(inputs.directory, "bind-"));
  if (!statSync(source).isDirectory()) {
    const copy = join(scratch, basename(source));
    copyFileSync(source, copy);
    return copy;
  }
  const [upper, work, merged] = ["upper", "work", "merged"].map((name) => join(scratch, name));
  if (upper === undefined || work === undefined || merged === undefined) throw new ToolError("internal", "no scratch directories");
  for (const directory of [upper, work, merged]) mkdirSync(directory);
  inputs.sys.mount("overlay", merged, "overlay", 0, `lowerdir=${source.replace(/([\\:,])/g, "\\$1")},upperdir=${upper},workdir=${work}`);
  closers.push(() => inputs.sys.umount2(merged, MNT_DETACH));
  return merged;
}

/** A directory that outlives the build, by id; seeded from `from` when it is new. */
async function cacheMount(mount: RunMount, inputs: MountInputs, closers: Array<() => void>): Promise<SpecMount> {
  const destination = destinationOf(mount, inputs);
  if (mount.from !== undefined) {
    const root = await inputs.sourceRoot(mount.from);
    const source = resolveInRoot(inputs.sys, root, mount.source ?? "/");
    return { destination, type: "bind", source: writableCopy(source, inputs, closers), options: ["rbind", "rw", "rprivate"] };
  }
  const parent = join(process.env["TMPDIR"] ?? "/var/tmp", `buildah-cache-${rootlessUid()}`);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const directory = join(
    parent,
    createHash("sha256")
      .update(mount.id ?? destination)
      .digest("hex"),
  );
  if (mkdirSync(directory, { recursive: true, mode: mount.mode ?? 0o755 }) !== undefined) {
    chmodSync(directory, mount.mode ?? 0o755);
    chownSync(directory, mount.uid, mount.gid);
  }
  if (mount.sharing !== "shared") {
    const lock = acquireFileLock(`${directory}.lock`, "write", { wait: true });
    closers.push(() => lock?.release());
  }
  return { destination, type: "bind", source: directory, options: ["rbind", mount.readOnly ? "ro" : "rw", "rprivate"] };
}

function tmpfsMount(mount: RunMount, inputs: MountInputs): SpecMount {
  return {
    destination: destinationOf(mount, inputs),
    type: "tmpfs",
    source: "tmpfs",
    options: [
      "nosuid",
      "nodev",
      mount.readOnly ? "ro" : "rw",
      "rprivate",
      ...(mount.size === undefined ? [] : [`size=${mount.size}`]),
      ...(mount.mode === undefined ? [] : [`mode=${mount.mode.toString(8)}`]),
    ],
  };
}

function secretMount(mount: RunMount, inputs: MountInputs): Prepared {
  const id = mount.id ?? basename(mount.target ?? "");
  if (id === "") throw new ToolError("invalid-argument", "one of id or target must be set for a mount of type secret");
  const value = readSecret(id, inputs.secrets);
  if (value === undefined) {
    if (mount.required)
      throw new ToolError("not-found", `secret required but no secret with id ${id} found`, { hint: "give it with --secret" });
    return { mounts: [], env: [] };
  }
  const env = mount.env === undefined ? [] : [`${mount.env}=${value.toString("utf8")}`];
  if (mount.env !== undefined && mount.target === undefined) return { mounts: [], env };
  const file = join(mkdtempSync(join(inputs.directory, "secret-")), "secret");
  writeFileSync(file, value, { mode: 0o600 });
  chownSync(file, mount.uid, mount.gid);
  chmodSync(file, mount.mode ?? 0o400);
  const destination = mount.target === undefined ? `/run/secrets/${id}` : destinationOf(mount, inputs);
  return { mounts: [{ destination, type: "bind", source: file, options: ["rbind", "ro", "rprivate"] }], env };
}

/** `--secret id=NAME,src=FILE` or `id=NAME,env=VARIABLE`. */
function readSecret(id: string, secrets: readonly string[]): Buffer | undefined {
  for (const secret of secrets) {
    const fields = new Map(
      secret.split(",").map((part): [string, string] => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
    );
    const name = fields.get("id") ?? "";
    if (name === "")
      throw new ToolError("invalid-argument", "incorrect secret flag format: should be --secret id=foo,src=bar[,env=ENV][,type=file|env]");
    if (name !== id) continue;
    const variable = fields.get("env") ?? (fields.get("type") === "env" ? name : undefined);
    if (variable !== undefined) return Buffer.from(process.env[variable] ?? "");
    return readFileSync(fields.get("src") ?? fields.get("source") ?? name);
  }
  return undefined;
}
