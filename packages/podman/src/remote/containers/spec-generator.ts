import { ToolError } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import type { ContainerSpec, LogSpec, SecretSpec } from "../../container-spec/container-spec.ts";
import type { HealthSpec } from "../../container-spec/health-spec.ts";
import type { SecuritySpec } from "../../container-spec/security-spec.ts";
import { some, withoutAbsent } from "../present-fields.ts";
import { resourceFields } from "./resource-fields.ts";
import { namespaceFields } from "./spec-namespaces.ts";
import { networkFields } from "./spec-network.ts";
import { storageFields } from "./spec-storage.ts";

/** What a user asks of a container as the body of the API's `containers/create` (the original's SpecGenerator). What was not asked for is left out. */
export function specGenerator(spec: ContainerSpec): Record<string, unknown> {
  return withoutAbsent({
    ...processFields(spec),
    ...storageFields(spec),
    ...securityFields(spec.security),
    ...namespaceFields(spec),
    ...networkFields(spec.network),
    ...resourceFields(spec.resources),
    ...secretFields(spec.secrets ?? []),
    ...healthFields(spec.health),
    annotations: annotations(spec),
  });
}

function processFields(spec: ContainerSpec): Record<string, unknown> {
  return {
    name: spec.name,
    pod: spec.pod,
    entrypoint: spec.entrypoint,
    command: spec.command,
    httpproxy: spec.httpProxy,
    env: environment(spec.env ?? []),
    unsetenv: some(spec.unsetEnv),
    unsetenvall: spec.unsetEnvAll,
    terminal: spec.tty ?? false,
    stdin: spec.interactive ?? false,
    labels: spec.labels,
    stop_signal: spec.stopSignal === undefined ? undefined : signal(spec.stopSignal),
    stop_timeout: spec.stopTimeout,
    timeout: spec.timeout,
    log_configuration: spec.log === undefined ? {} : logFields(spec.log),
    restart_policy: spec.restart?.name,
    restart_tries: spec.restart?.retries,
    oci_runtime: spec.runtime,
    systemd: spec.systemd,
    sdnotifyMode: spec.sdnotify,
    hostname: spec.hostname,
    hostusers: some(spec.hostUsers),
    remove: spec.remove ?? false,
    removeImage: spec.removeImage || undefined,
    volatile: spec.remove ?? false,
    containerCreateCommand: spec.createCommand,
    timezone: spec.timezone,
    init_container_type: spec.initContainer,
    dependencyContainers: some(spec.requires),
    manage_password: spec.passwd,
    work_dir: spec.workdir,
    user: spec.user,
    groups: some(spec.groupAdd),
    umask: spec.umask,
    init: spec.init,
    init_path: spec.initPath,
  };
}

function environment(entries: readonly string[]): Record<string, string> | undefined {
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function signal(name: string): number {
  const number = signalNumber(name);
  if (number === undefined) throw new ToolError("invalid-argument", `invalid signal: ${name}`);
  return number;
}

function logFields(log: LogSpec): Record<string, unknown> {
  return withoutAbsent({
    driver: log.driver,
    path: log.path,
    size: log.maxSize,
    options: log.tag === undefined ? undefined : { tag: log.tag },
    labels: log.labels,
  });
}

function securityFields(security: SecuritySpec): Record<string, unknown> {
  return {
    privileged: security.privileged ?? false,
    cap_add: some(security.capAdd),
    cap_drop: some(security.capDrop),
    no_new_privileges: security.noNewPrivileges,
    seccomp_profile_path: security.seccompProfile,
    ...(security.seccompOfImage === true ? { seccomp_policy: "image" } : {}),
    apparmor_profile: security.apparmorProfile,
    selinux_opts: some(security.labelOptions),
    mask: some(security.mask),
    unmask: some(security.unmask),
  };
}

function secretFields(secrets: readonly SecretSpec[]): Record<string, unknown> {
  const mounted = secrets.filter(({ type }) => type === "mount");
  const named = secrets.filter(({ type }) => type === "env");
  return {
    secrets: some(
      mounted.map(({ source, target, uid, gid, mode }) => ({
        Source: source,
        Target: target ?? "",
        UID: uid ?? 0,
        GID: gid ?? 0,
        Mode: mode ?? 0o444,
      })),
    ),
    secret_env: named.length === 0 ? undefined : Object.fromEntries(named.map(({ source, target }) => [target ?? source, source])),
  };
}

const ON_FAILURE = ["none", "invalid", "kill", "restart", "stop"];

function healthFields(health: HealthSpec | undefined): Record<string, unknown> {
  if (health === undefined) return {};
  const { test, interval, timeout, startPeriod, retries, onFailure } = health;
  return {
    healthconfig: withoutAbsent({ Test: test, Interval: interval, Timeout: timeout, StartPeriod: startPeriod, Retries: retries }),
    health_check_on_failure_action: onFailure === undefined ? undefined : ON_FAILURE.indexOf(onFailure),
  };
}

/** What `inspect` shows of the command line, and nothing else tells. */
function annotations(spec: ContainerSpec): Record<string, string> {
  const { resources, namespaces, security } = spec;
  const prefix = "io.podman.annotations.";
  return {
    ...spec.annotations,
    ...(spec.cidfile ? { [`${prefix}cid-file`]: spec.cidfile } : {}),
    ...(namespaces.user?.kind === "auto" && namespaces.user.text !== undefined ? { [`${prefix}userns`]: namespaces.user.text } : {}),
    ...(resources.pidsLimit === undefined ? {} : { [`${prefix}pids-limit`]: String(resources.pidsLimit) }),
    ...(resources.cpusetCpus ? { [`${prefix}cpuset`]: resources.cpusetCpus } : {}),
    ...(resources.cpusetMems ? { [`${prefix}memory-nodes`]: resources.cpusetMems } : {}),
    ...(security.seccompProfile === undefined ? {} : { [`${prefix}seccomp`]: security.seccompProfile }),
    ...(security.apparmorProfile === undefined ? {} : { [`${prefix}apparmor`]: security.apparmorProfile }),
    ...((security.labelOptions ?? []).length === 0 ? {} : { [`${prefix}label`]: (security.labelOptions ?? []).join(",label=") }),
  };
}
