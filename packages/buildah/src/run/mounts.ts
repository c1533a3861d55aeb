import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { acquireFileLock } from "@containers/common/fs/file-lock";
import { resolveInRoot } from "@containers/common/fs/open-in-root";
import { rootlessUid } from "@containers/common/rootless/rootless";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Sys } from "@containers/common/sys/sys";
import { joinPath } from "../containerfile/instructions/add-copy.ts";
import { parseRunMount, type RunMount } from "./mount-flag.ts";
import { type Closers, giveTo, writableCopy } from "./overlay-copy.ts";
import { readSecret, type Secret } from "./secrets.ts";
import { forwardAgent, type SshSource } from "./ssh-agent.ts";

export interface MountInputs {
  readonly sys: Sys;
  readonly workingDir: string;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly sshSources: ReadonlyMap<string, SshSource>;
  /** Whom `U` gives files to. */
  readonly owner?: { readonly uid: number; readonly gid: number };
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
  const closers: Closers = [];
  const mounts: SpecMount[] = [];
  const env: string[] = [];
  let agents = 0;
  try {
    for (const flag of flags) {
      const mount = parseRunMount(flag);
      const prepared =
        mount.type === "ssh" ? await sshMount(mount, { inputs, closers, agents: agents++ }) : await prepare(mount, inputs, closers);
      for (const one of prepared.mounts) {
        if (mounts.some((other) => other.destination === one.destination))
          throw new ToolError("invalid-argument", `${one.destination}: duplicate mount destination`);
        mounts.push(one);
      }
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

async function prepare(mount: RunMount, inputs: MountInputs, closers: Closers): Promise<Prepared> {
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
      throw new ToolError("internal", `a mount of type ${mount.type} is prepared elsewhere`);
  }
}

function destinationOf(mount: RunMount, inputs: MountInputs): string {
  const target = mount.target ?? "";
  return target.startsWith("/") ? joinPath(target) : joinPath(inputs.workingDir, target);
}

async function bindMount(mount: RunMount, inputs: MountInputs, closers: Closers): Promise<SpecMount> {
  const root = await inputs.sourceRoot(mount.from);
  const source = resolveInRoot(inputs.sys, root, mount.source ?? "/");
  const destination = destinationOf(mount, inputs);
  const writable = !mount.readOnly || mount.chown;
  const place = writable ? writableCopy(source, inputs, closers) : source;
  if (mount.chown) giveTo(place, inputs.owner ?? { uid: 0, gid: 0 });
  return { destination, type: "bind", source: place, options: bindOptions(mount) };
}

function bindOptions(mount: RunMount): readonly string[] {
  return [mount.recursive ? "rbind" : "bind", mount.readOnly ? "ro" : "rw", mount.propagation ?? "rprivate", ...mount.flags];
}

/** A directory that outlives the build, by id and owner; or one inside what `from` names. */
async function cacheMount(mount: RunMount, inputs: MountInputs, closers: Closers): Promise<SpecMount> {
  const destination = destinationOf(mount, inputs);
  if (mount.from !== undefined) {
    const root = await inputs.sourceRoot(mount.from);
    const source = resolveInRoot(inputs.sys, root, mount.source ?? "/");
    return { destination, type: "bind", source: writableCopy(source, inputs, closers), options: bindOptions(mount) };
  }
  const parent = join(process.env["TMPDIR"] ?? "/var/tmp", `buildah-cache-${rootlessUid()}`);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const name = cacheName(mount, destination);
  const directory = join(parent, name);
  if (mkdirSync(directory, { recursive: true, mode: mount.mode ?? 0o755 }) !== undefined) {
    chmodSync(directory, mount.mode ?? 0o755);
    chownSync(directory, mount.uid, mount.gid);
  }
  const source = resolveInRoot(inputs.sys, directory, mount.source ?? "/");
  if (mount.sharing !== "shared") {
    const locks = join(parent, "buildah-cache-lockfiles", name);
    mkdirSync(locks, { recursive: true, mode: 0o755 });
    const lock = acquireFileLock(join(locks, "buildah-cache-lockfile"), "write", { wait: true });
    closers.push(() => lock?.release());
  }
  return { destination, type: "bind", source, options: bindOptions(mount) };
}

/** The original's name for it, so that both builders share their caches. */
function cacheName(mount: RunMount, destination: string): string {
  return createHash("sha256")
    .update(`${mount.id ?? destination}:${mount.uid}:${mount.gid}`)
    .digest("hex")
    .slice(0, 16);
}

function tmpfsMount(mount: RunMount, inputs: MountInputs): SpecMount {
  return {
    destination: destinationOf(mount, inputs),
    type: "tmpfs",
    source: "tmpfs",
    options: [
      ...mount.flags,
      mount.readOnly ? "ro" : "rw",
      ...(mount.copyUp ? ["tmpcopyup"] : []),
      ...(mount.size === undefined ? [] : [`size=${mount.size}`]),
      ...(mount.mode === undefined ? [] : [`mode=${mount.mode.toString(8)}`]),
    ],
  };
}

function secretMount(mount: RunMount, inputs: MountInputs): Prepared {
  const id = mount.id ?? basename(mount.target ?? "");
  if (id === "") throw new ToolError("invalid-argument", SECRET_SYNTAX);
  const secret = inputs.secrets.get(id);
  if (secret === undefined) {
    if (mount.required)
      throw new ToolError("not-found", `secret required but no secret with id ${JSON.stringify(id)} found`, {
        hint: "give it with --secret",
      });
    return { mounts: [], env: [] };
  }
  const value = readSecret(secret);
  const env = mount.env === undefined ? [] : [`${mount.env}=${value.toString("utf8")}`];
  if (mount.env !== undefined && mount.target === undefined) return { mounts: [], env };
  const file = join(mkdtempSync(join(inputs.directory, "secret-")), "secret");
  writeFileSync(file, value, { mode: 0o600 });
  chownSync(file, mount.uid, mount.gid);
  chmodSync(file, mount.mode ?? 0o400);
  const destination = mount.target === undefined ? `/run/secrets/${id}` : destinationOf(mount, inputs);
  return { mounts: [{ destination, type: "bind", source: file, options: ["rbind", "ro", "rprivate"] }], env };
}

const SECRET_SYNTAX = "secret should have syntax id=id[,target=path,required=bool,mode=uint,uid=uint,gid=uint,env=dstVarName";

/** The agent's socket in the container, and the variable that tells of it (of the first one). */
async function sshMount(
  mount: RunMount,
  { inputs, closers, agents }: { readonly inputs: MountInputs; readonly closers: Closers; readonly agents: number },
): Promise<Prepared> {
  const id = mount.id ?? "default";
  const source = inputs.sshSources.get(id);
  if (source === undefined) {
    if (mount.required) throw new ToolError("not-found", `ssh required but no ssh with id ${id} found`, { hint: "give it with --ssh" });
    return { mounts: [], env: [] };
  }
  const agent = await forwardAgent(source, { uid: mount.uid, gid: mount.gid, mode: mount.mode ?? 0o600 });
  closers.push(() => agent.close());
  const destination = mount.target === undefined ? `/run/buildkit/ssh_agent.${agents}` : destinationOf(mount, inputs);
  return {
    mounts: [{ destination, type: "bind", source: agent.socket, options: ["rbind", "ro", "rprivate"] }],
    env: agents === 0 ? [`SSH_AUTH_SOCK=${destination}`] : [],
  };
}
