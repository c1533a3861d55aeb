import { statSync } from "node:fs";
import { delegatedControllers, hierarchyControllers, readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { normalizeCapability } from "@containers/common/security/capabilities";
import { loadSeccomp, readSeccomp } from "@containers/common/security/load-seccomp";
import { buildRuntimeSpec } from "@containers/common/spec-builder/build-runtime-spec";
import { buildDevices } from "@containers/common/spec-builder/host-devices";
import { type ContainerUser, lookUpGroups } from "@containers/common/spec-builder/look-up-user";
import type { RuntimeSpec, SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import { notifyEnvironment } from "../../systemd/notify.ts";
import { activationEnvironment } from "../../systemd/passed-descriptors.ts";
import { ownMap } from "../../user-namespaces/available-ids.ts";
import { coversGroup } from "../../user-namespaces/host-ids.ts";
import { splitMaps } from "../../user-namespaces/split-maps.ts";
import type { ContainerConfig } from "../config.ts";
import { annotationsOf } from "./annotations.ts";
import { cgroupsPath } from "./cgroup-path.ts";
import { containerUlimits } from "./container-ulimits.ts";
import { buildNamespaces } from "./namespaces.ts";
import { processEnvironment } from "./process-environment.ts";
import { buildResources } from "./resources.ts";
import { systemdEnvironment, systemdMasks, systemdMounts } from "./systemd-mode.ts";
import { readOnlyTmpfsMounts } from "./user-mounts.ts";

type Ports = Pick<Engine, "sys" | "state" | "rootless" | "defaults" | "warn" | "config" | "globals">;

/** What was made for the run that the spec refers to. */
export interface PreparedContainer {
  readonly rootfs: string;
  /** Where the runtime finds {@link rootfs}, when that is elsewhere. */
  readonly rootPath?: string;
  readonly netnsPath?: string;
  /** Source of /dev/shm; absent: a tmpfs of the runtime's. */
  readonly shmPath?: string;
  /** The user's mounts and the files that are bound in (hosts, resolv.conf, …). */
  readonly mounts: readonly SpecMount[];
  readonly user: ContainerUser;
}

const INIT_TARGET = "/run/podman-init";

/** The runtime spec of a container that is being started. */
export async function buildOciConfig(engine: Ports, config: ContainerConfig, prepared: PreparedContainer): Promise<RuntimeSpec> {
  if ((config.cdiDevices ?? []).length === 0) return withHooks(engine, config, await buildSpec(engine, config, prepared));
  const asked = engine.globals.cdiSpecDir ?? [];
  const { resolveCdiDevices } = await import("./cdi.ts");
  const cdi = resolveCdiDevices(config.cdiDevices ?? [], asked.length > 0 ? asked : engine.config.engine.cdiSpecDirs);
  const edited = { ...config, env: [...config.env, ...cdi.env], devices: [...config.devices, ...cdi.devices] };
  const spec = await buildSpec(engine, edited, {
    ...prepared,
    mounts: [...prepared.mounts, ...cdi.mounts],
    user: { ...prepared.user, additionalGids: [...prepared.user.additionalGids, ...cdi.additionalGids] },
  });
  return withHooks(engine, config, Object.keys(cdi.hooks).length === 0 ? spec : { ...spec, hooks: cdi.hooks });
}

/** Most machines have no directory of hooks: then nothing of it is loaded. */
async function withHooks({ globals, config: { engine } }: Ports, config: ContainerConfig, spec: RuntimeSpec): Promise<RuntimeSpec> {
  const asked = globals.hooksDir ?? [];
  const wanted = asked.length > 0 ? asked : engine.hooksDir;
  const directories = wanted.filter((directory) => statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true);
  if (directories.length === 0) return spec;
  const { addHooks } = await import("@containers/common/spec-builder/oci-hooks");
  return addHooks(
    spec,
    directories,
    config.mounts.some(({ type }) => type === "bind"),
  );
}

async function buildSpec(engine: Ports, config: ContainerConfig, prepared: PreparedContainer): Promise<RuntimeSpec> {
  const { security } = config;
  const privileged = security.privileged ?? engine.defaults.privileged;
  const layout = readCgroupLayout();
  const devices = buildDevices({
    devices: config.devices,
    privileged,
    rootless: engine.rootless,
    tty: config.tty,
    systemd: config.systemd,
  });
  const controllers = engine.rootless ? delegatedControllers() : hierarchyControllers();
  const seccomp = privileged
    ? undefined
    : security.seccompText === undefined
      ? await loadSeccomp(security.seccompProfile ?? engine.defaults.seccompProfile, config.capabilities)
      : readSeccomp(security.seccompText, config.capabilities);
  const oomScoreAdj = config.resources.oomScoreAdj ?? engine.defaults.oomScoreAdj;
  const path = cgroupsPath(config, engine.rootless);
  return buildRuntimeSpec({
    rootfs: prepared.rootPath ?? prepared.rootfs,
    readOnlyRootfs: config.readOnly,
    readOnlyDev: config.readOnly && !config.readOnlyTmpfs,
    args: config.initPath === undefined ? config.process : [INIT_TARGET, "--", ...config.process],
    env: [
      ...systemdEnvironment(config),
      ...processEnvironment(config, prepared.user),
      ...notifyEnvironment(config),
      ...activationEnvironment(process.env),
    ],
    cwd: config.workdir,
    terminal: config.tty,
    user: specUser(engine, config, prepared),
    ...(config.umask === "" ? {} : { umask: Number.parseInt(config.umask, 8) }),
    ...(config.namespaces.uts.kind === "private" ? { hostname: config.hostname } : {}),
    capabilities: config.capabilities,
    namedCapabilities: privileged ? [] : (security.capAdd ?? []).map(normalizeCapability).filter((name) => name !== "ALL"),
    privileged,
    ...(security.noNewPrivileges === undefined ? {} : { noNewPrivileges: security.noNewPrivileges }),
    ...apparmor(security.apparmorProfile ?? configuredProfile(engine.defaults.apparmorProfile)),
    ulimits: containerUlimits(engine, config, (limit, hard) =>
      engine.warn(`ulimit ${limit.name} is lowered to ${hard}: this process may not raise its hard limits (no CAP_SYS_RESOURCE)`),
    ),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    namespaces: buildNamespaces(engine, config, prepared.netnsPath),
    ...idMappings(config, engine.rootless),
    ttyGroupMapped: coversGroup(config, 5),
    mounts: [
      ...tmpfsOfReadOnly(config),
      ...systemdMounts(config, layout.version),
      ...prepared.mounts,
      ...devices.mounts,
      ...initMount(config),
    ],
    ...(config.namespaces.ipc.kind === "none" ? { withoutShm: true } : {}),
    ...(prepared.shmPath === undefined ? {} : { shmPath: prepared.shmPath }),
    shmSize: config.shmSize,
    systemd: config.systemd,
    rootless: engine.rootless,
    cgroupV2: layout.version === 2,
    devices: devices.devices,
    deviceRules: [...devices.rules, ...(config.resources.deviceRules ?? [])],
    resources: buildResources(config.resources, engine.defaults, {
      ability: { version: layout.version, rootless: engine.rootless, controllers },
      warn: engine.warn,
    }),
    ...(path === undefined ? {} : { cgroupsPath: path }),
    sysctls: sysctls(engine, config),
    ...(seccomp === undefined ? {} : { seccomp }),
    mask: [...(security.mask ?? []), ...systemdMasks(config, layout.version)],
    ...(security.unmask === undefined ? {} : { unmask: security.unmask }),
    ...rootPropagation(prepared.mounts),
    ...(config.resources.rdtClass === undefined ? {} : { rdtClass: config.resources.rdtClass }),
    ...(config.personality === undefined ? {} : { personality: config.personality }),
    ...(security.procOptions === undefined ? {} : { procOptions: security.procOptions }),
    annotations: annotationsOf(config, privileged),
  });
}

/** containers.conf's profile, unless it is the built-in one, which the original loads by itself and nobody else does. */
function configuredProfile(name: string): string | undefined {
  return name === "" || name.startsWith("container") ? undefined : name;
}

function apparmor(name: string | undefined): { readonly apparmorProfile?: string } {
  return name === undefined || name === "unconfined" ? {} : { apparmorProfile: name };
}

function specUser(engine: Pick<Engine, "sys">, config: ContainerConfig, prepared: PreparedContainer) {
  const { user } = prepared;
  // The runtime leaves the caller's own groups as they are: see annotations.ts.
  if (config.groupAdd.includes("keep-groups")) return { uid: user.uid, gid: user.gid, additionalGids: [] };
  const named = lookUpGroups(engine.sys, prepared.rootfs, config.groupAdd);
  const additional = [...(config.currentUser === undefined ? [] : [config.currentUser.gid]), ...(config.user === "" ? [] : [user.gid])];
  return { uid: user.uid, gid: user.gid, additionalGids: [...new Set([...additional, ...named, ...user.additionalGids])] };
}

function idMappings({ idMappings: maps }: ContainerConfig, rootless: boolean) {
  if (maps === undefined) return {};
  const convert = (ranges: typeof maps.uidMap, kind: "uid" | "gid") =>
    (rootless ? splitMaps(ranges, ownMap(kind)) : ranges).map(({ containerId, hostId, size }) => ({
      containerID: containerId,
      hostID: hostId,
      size,
    }));
  return { uidMappings: convert(maps.uidMap, "uid"), gidMappings: convert(maps.gidMap, "gid") };
}

function tmpfsOfReadOnly(config: ContainerConfig): SpecMount[] {
  if (config.alwaysTmpfs !== true && !(config.readOnly && config.readOnlyTmpfs)) return [];
  return readOnlyTmpfsMounts(new Set([...config.mounts.map(({ target }) => target), ...(config.systemd ? ["/run", "/tmp"] : [])]));
}

function initMount(config: ContainerConfig): SpecMount[] {
  if (config.infraProgram !== undefined) {
    const options = ["bind", "rprivate", "ro", "nosuid", "nodev"];
    return [{ destination: "/catatonit", type: "bind", source: config.infraProgram, options }];
  }
  if (config.initPath === undefined) return [];
  return [{ destination: INIT_TARGET, type: "bind", source: config.initPath, options: ["bind", "ro", "private"] }];
}

/** Configured sysctls of a namespace that the container does not have would change the host's, so they are left out. */
function sysctls(engine: Ports, config: ContainerConfig): Record<string, string> {
  const ownNetwork = config.network.mode.kind !== "host" && config.network.mode.kind !== "container" && config.network.mode.kind !== "path";
  const defaults = Object.entries(engine.defaults.sysctls).filter(([name]) => ownNetwork || !name.startsWith("net."));
  return { ...Object.fromEntries(defaults), ...config.resources.sysctls };
}

/** A mount that is to pass events on to the host, or take them, needs a root mount that does. */
function rootPropagation(mounts: readonly SpecMount[]): { readonly rootfsPropagation?: string } {
  const options = mounts.flatMap((mount) => mount.options);
  if (options.includes("shared") || options.includes("rshared")) return { rootfsPropagation: "shared" };
  if (options.includes("slave") || options.includes("rslave")) return { rootfsPropagation: "rslave" };
  return {};
}
