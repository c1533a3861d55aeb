import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { readDefaultMounts } from "@containers/common/mount-syntax/mounts-conf";
import { findRuntime } from "@containers/common/oci-runtime/find-runtime";
import { runOnce } from "@containers/common/oci-runtime/run-once";
import { isRootless } from "@containers/common/rootless/rootless";
import { mergeCapabilities } from "@containers/common/security/capabilities";
import { loadSeccomp } from "@containers/common/security/load-seccomp";
import { ownCapabilities } from "@containers/common/security/own-capabilities";
import { buildRuntimeSpec } from "@containers/common/spec-builder/build-runtime-spec";
import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { RuntimeSpec, SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { serializeSpec } from "@containers/common/spec-builder/serialize-spec";
import type { SpecInput } from "@containers/common/spec-builder/spec-input";
import { settleUlimits } from "@containers/common/spec-builder/ulimits";
import type { Sys } from "@containers/common/sys/sys";
import { joinPath } from "../containerfile/instructions/add-copy.ts";
import type { RunSettings } from "../executor/build-options.ts";
import { BUILDAH_VERSION, type WorkingContainer } from "../working-container/record.ts";
import { MountTargets, type PulledUpDirectory } from "./mount-targets.ts";
import { hostsFile, resolvFile } from "./name-files.ts";
import { connectRun, type NetworkPorts, type RunNetwork } from "./network.ts";
import { type Closers, giveTo, writableCopy } from "./overlay-copy.ts";
import { parseSecurityOptions } from "./security-options.ts";
import { parseUlimit } from "./ulimit-flag.ts";
import { parseBuildVolume } from "./volume-flag.ts";

export interface RunPorts {
  readonly sys: Sys;
  readonly network: NetworkPorts;
  /** containers.conf `[engine.runtimes]`. */
  readonly runtimePaths: Readonly<Record<string, readonly string[]>>;
  /** Flags of the runtime, for every RUN. */
  readonly runtimeFlags?: readonly string[];
  readonly defaultRuntime?: string;
  /** Read in the place of mounts.conf. */
  readonly defaultMountsFile?: string;
  /** containers.conf `default_ulimits`. */
  readonly defaultUlimits: readonly string[];
  readonly signal?: AbortSignal;
}

export interface RunRequest {
  readonly container: WorkingContainer;
  readonly rootfs: string;
  /** A directory on disk for what the run needs. */
  readonly directory: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly hostname?: string;
  /** Prepared already, in addition to the settings' volumes. */
  readonly mounts: readonly SpecMount[];
  /** Overrides the settings' network. */
  readonly network?: string;
  readonly settings: RunSettings;
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  readonly terminal?: boolean;
}

export interface RunReport {
  readonly exitCode: number;
  readonly pulledUp: readonly PulledUpDirectory[];
}

/** Runs one command in a working container and waits for it. Whatever happens, nothing of it stays but the files it wrote. */
export async function executeRun(ports: RunPorts, request: RunRequest): Promise<RunReport> {
  const chroot = request.settings.isolation === "chroot";
  const bundle = mkdtempSync(join(request.directory, "buildah"));
  const targets = new MountTargets(ports.sys, request.rootfs);
  const closers: Closers = [];
  let network: RunNetwork | undefined;
  try {
    network = await connectRun(ports.network, {
      mode: chroot ? "host" : (request.network ?? request.settings.network),
      containerId: request.container.id,
      directory: bundle,
    });
    const input = await specInput(ports, request, { bundle, network, closers });
    targets.ensureKept(chroot ? ["dev", "proc", "sys"] : ["dev"]);
    // What lies below /dev is made by the runtime, in a tmpfs of its own.
    for (const mount of (input.mounts ?? []).filter((one) => !one.destination.startsWith("/dev/")))
      targets.ensure(mount.destination, mount.type !== "bind" || statSync(mount.source).isDirectory());
    const spec = await withHooks(buildRuntimeSpec(input), request.settings);
    writeFileSync(join(bundle, "config.json"), serializeSpec(spec), { mode: 0o600 });
    const exitCode = chroot ? await runChrooted(ports, request, bundle) : await runBundle(ports, request, bundle);
    return { exitCode, pulledUp: targets.remove() };
  } finally {
    targets.remove();
    targets.close();
    for (const close of closers.reverse()) close();
    await network?.close();
    rmSync(bundle, { recursive: true, force: true });
  }
}

async function runChrooted(ports: RunPorts, request: RunRequest, bundle: string): Promise<number> {
  const { runInChroot } = await import("./chroot.ts");
  return runInChroot(ports.sys, { bundle, stdio: request.stdio, ...(ports.signal === undefined ? {} : { signal: ports.signal }) });
}

async function runBundle(ports: RunPorts, request: RunRequest, bundle: string): Promise<number> {
  const name = request.settings.runtime ?? ports.defaultRuntime;
  const runtime = findRuntime({
    paths: ports.runtimePaths,
    flags: [...(ports.runtimeFlags ?? []), ...request.settings.runtimeFlags],
    ...(name === undefined ? {} : { name }),
  });
  return runOnce(runtime, {
    bundle,
    id: `buildah-${bundle.slice(bundle.lastIndexOf("/") + 1)}`,
    stdio: request.stdio,
    noPivot: request.settings.noPivot === true,
    ...(ports.signal === undefined ? {} : { signal: ports.signal }),
  });
}

async function withHooks(spec: RuntimeSpec, settings: RunSettings): Promise<RuntimeSpec> {
  if (settings.hooksDirs === undefined || settings.hooksDirs.length === 0) return spec;
  const { addHooks } = await import("@containers/common/spec-builder/oci-hooks");
  return addHooks(spec, settings.hooksDirs, settings.volumes.length > 0);
}

interface SpecParts {
  readonly closers: Closers;
  readonly bundle: string;
  readonly network: RunNetwork;
}

async function specInput(ports: RunPorts, request: RunRequest, parts: SpecParts): Promise<SpecInput> {
  const { settings, container } = request;
  const rootless = isRootless() || settings.isolation === "rootless";
  const user = findUser(ports.sys, request);
  const own = ownCapabilities();
  const wanted = mergeCapabilities(container.capabilities, { add: settings.capAdd, drop: settings.capDrop, available: own.bounding });
  const capabilities = wanted.filter((name) => own.bounding.includes(name));
  const security = parseSecurityOptions(settings.securityOpts);
  const hostname = request.hostname ?? container.id.slice(0, 12);
  const seccomp = await loadSeccomp(security.seccomp, capabilities);
  const { deviceMounts, ...devices } = await devicesOf(settings, rootless);
  return {
    rootfs: request.rootfs,
    args: request.args,
    env: environment(request, { home: user.home, hostname }),
    cwd: request.workingDir === "" ? "/" : request.workingDir,
    ...(request.terminal === true ? { terminal: true } : {}),
    user: {
      uid: user.uid,
      gid: user.gid,
      additionalGids: [...new Set([user.gid, ...user.additionalGids, ...addedGroups(ports.sys, request)])],
    },
    ...(settings.noHostname || settings.namespaces?.uts !== undefined ? {} : { hostname }),
    capabilities,
    ...(security.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(security.apparmor === undefined ? {} : { apparmorProfile: security.apparmor }),
    ulimits: settleUlimits(
      ports.sys,
      {
        user: settings.ulimits.map(parseUlimit),
        configured: ports.defaultUlimits.map(parseUlimit),
        mayRaise: own.effective.includes("CAP_SYS_RESOURCE"),
        rootless,
      },
      () => undefined,
    ),
    namespaces: namespaces(settings, parts.network),
    ...devices,
    mounts: [
      ...(deviceMounts ?? []),
      ...identityFiles(request, parts, hostname),
      ...defaultMounts(ports, request, { bundle: parts.bundle, rootless }),
      ...[...container.volumes, ...settings.volumes].map((volume) =>
        volumeMount(ports.sys, request, { volume, user, closers: parts.closers }),
      ),
      ...request.mounts,
    ],
    ...(settings.shmSize === undefined ? {} : { shmSize: settings.shmSize }),
    rootless,
    ...(seccomp === undefined ? {} : { seccomp }),
    mask: security.mask,
    unmask: security.unmask,
    // A user without delegated control groups can set no limits; the runtime is told nothing then.
    ...(rootless ? {} : { cgroupsPath: cgroupPath(settings, parts.bundle), resources: resources(settings) }),
  };
}

/** What mounts.conf brings into every container: copies, which go with the run. */
function defaultMounts(ports: RunPorts, request: RunRequest, run: { readonly bundle: string; readonly rootless: boolean }): SpecMount[] {
  const taken = new Set([...request.mounts.map(({ destination }) => destination)]);
  return readDefaultMounts({ file: ports.defaultMountsFile, rootless: run.rootless })
    .filter(({ target }) => !taken.has(target))
    .map(({ source, target }, at) => {
      const copy = `${run.bundle}/default-mount-${at}`;
      cpSync(source, copy, { recursive: true, dereference: true });
      return { destination: target, type: "bind", source: copy, options: ["bind", "rprivate"] };
    });
}

function volumeMount(
  sys: Sys,
  request: RunRequest,
  what: { readonly volume: string; readonly user: { readonly uid: number; readonly gid: number }; readonly closers: Closers },
): SpecMount {
  const { mount, overlay, chown } = parseBuildVolume(what.volume);
  const source = overlay ? writableCopy(mount.source, { sys, directory: request.directory }, what.closers) : mount.source;
  if (chown) giveTo(source, what.user);
  return { ...mount, source };
}

/** Those of the command's own, and those it joins; what is the host's is left out. */
function namespaces(settings: RunSettings, network: RunNetwork): SpecInput["namespaces"] {
  const given = settings.namespaces ?? {};
  const one = (type: "pid" | "ipc" | "uts" | "cgroup"): SpecInput["namespaces"] => {
    const mode = given[type];
    if (mode === "host") return [];
    return [mode === undefined || mode === "private" ? { type } : { type, path: mode }];
  };
  return [
    ...one("pid"),
    ...one("ipc"),
    { type: "mount" },
    ...(settings.noHostname && given.uts === undefined ? [] : one("uts")),
    ...(given.cgroup === undefined ? [] : one("cgroup")),
    ...(network.namespace === undefined ? [] : [network.namespace]),
  ];
}

function addedGroups(sys: Sys, request: RunRequest): number[] {
  const groups = request.settings.groupAdd ?? [];
  // The runtime keeps the caller's groups of its own accord.
  return groups
    .filter((group) => group !== "keep-groups")
    .map((group) => {
      if (/^\d+$/.test(group)) return Number(group);
      try {
        return lookUpUser(sys, request.rootfs, `0:${group}`).gid;
      } catch (error) {
        throw new ToolError("not-found", `--group-add ${group}`, { cause: error, exitCode: 125 });
      }
    });
}

async function devicesOf(settings: RunSettings, rootless: boolean) {
  if (settings.devices === undefined || settings.devices.length === 0) return {};
  const { buildDevices } = await import("@containers/common/spec-builder/host-devices");
  const built = buildDevices({ devices: settings.devices, privileged: false, rootless, tty: false });
  return { devices: built.devices, deviceRules: built.rules, deviceMounts: built.mounts };
}

function cgroupPath(settings: RunSettings, bundle: string): string {
  const name = `buildah-${bundle.slice(bundle.lastIndexOf("/") + 1)}`;
  return joinPath(settings.cgroupParent ?? "/", name);
}

function findUser(sys: Sys, request: RunRequest) {
  try {
    return lookUpUser(sys, request.rootfs, request.user);
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== "not-found") throw error;
    const kind = error.code === "no-such-group" ? "group" : "user";
    const name = kind === "user" ? request.user.replace(/:.*$/, "") : request.user.replace(/^.*:/, "");
    // The code of the inner error is podman's; a build fails with its own.
    throw new ToolError("not-found", `determining run uid: user: unknown ${kind} error looking up ${kind} ${JSON.stringify(name)}`);
  }
}

/** For commands of an image that does not say where its programs are. */
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function environment(request: RunRequest, defaults: { readonly home: string; readonly hostname: string }): string[] {
  const has = (name: string) => request.env.some((entry) => entry.startsWith(`${name}=`));
  const proxies = request.settings.httpProxy
    ? ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY"]
    : [];
  return [
    ...request.env,
    ...(has("PATH") ? [] : [DEFAULT_PATH]),
    ...proxies.flatMap((name) => (process.env[name] === undefined || has(name) ? [] : [`${name}=${process.env[name]}`])),
    ...(has("HOSTNAME") ? [] : [`HOSTNAME=${defaults.hostname}`]),
    ...(has("HOME") ? [] : [`HOME=${defaults.home}`]),
  ];
}

/** /etc/hosts, /etc/resolv.conf, /etc/hostname and /run/.containerenv, unless a mount of the user's own takes their place. */
function identityFiles(request: RunRequest, parts: SpecParts, hostname: string): SpecMount[] {
  const { settings, container } = request;
  const names = {
    hostname,
    containerName: container.name,
    addHosts: settings.addHosts,
    dns: settings.dns,
    dnsSearch: settings.dnsSearch,
    dnsOptions: settings.dnsOptions,
  };
  const connected = parts.network.namespace === undefined || parts.network.namespace.path !== undefined;
  const taken = new Set([
    ...request.mounts.map((mount) => mount.destination),
    ...settings.volumes.map((volume) => volume.split(":")[1] ?? ""),
  ]);
  const files: Array<readonly [path: string, content: string]> = [
    ...(connected && !settings.noHosts ? [["/etc/hosts", hostsFile(parts.network, names)] as const] : []),
    ...(connected && !settings.dns.includes("none") ? [["/etc/resolv.conf", resolvFile(parts.network, names)] as const] : []),
    ...(settings.noHostname ? [] : [["/etc/hostname", `${hostname}\n`] as const]),
    ["/run/.containerenv", containerEnv(container)],
  ];
  const directory = join(parts.bundle, "files");
  mkdirSync(directory);
  return files
    .filter(([path]) => !taken.has(path))
    .map(([path, content]) => {
      const source = join(directory, path.slice(path.lastIndexOf("/") + 1));
      writeFileSync(source, content, { mode: 0o644 });
      return { destination: path, type: "bind", source, options: ["rbind", "rprivate"] };
    });
}

function containerEnv(container: WorkingContainer): string {
  return `
engine="buildah-${BUILDAH_VERSION}"
name="${container.name}"
id="${container.id}"
image="${container.fromImage}"
imageid="${container.fromImageId}"
rootless=${isRootless() ? 1 : 0}
`;
}

function resources(settings: RunSettings): NonNullable<SpecInput["resources"]> {
  const cpu = {
    ...(settings.cpuShares === undefined ? {} : { shares: settings.cpuShares }),
    ...(settings.cpuQuota === undefined ? {} : { quota: settings.cpuQuota }),
    ...(settings.cpuPeriod === undefined ? {} : { period: settings.cpuPeriod }),
    ...(settings.cpusetCpus === undefined ? {} : { cpus: settings.cpusetCpus }),
    ...(settings.cpusetMems === undefined ? {} : { mems: settings.cpusetMems }),
  };
  const memory = {
    ...(settings.memory === undefined ? {} : { limit: settings.memory }),
    ...(settings.memorySwap === undefined ? {} : { swap: settings.memorySwap }),
  };
  return { ...(Object.keys(cpu).length === 0 ? {} : { cpu }), ...(Object.keys(memory).length === 0 ? {} : { memory }) };
}
