import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";

/** Kernel parameters of an ipc namespace; those below `net.` and `fs.mqueue.` are namespaced too. */
const IPC_SYSCTLS = new Set([
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
]);

/**
 * Refuses options that exclude one another, and paths that are not there, before anything is made.
 *
 * @throws invalid-argument
 */
export function refuseConflicts(spec: ContainerSpec, host: { readonly rootless: boolean }): void {
  const conflict = networkConflict(spec, host) ?? nameConflict(spec) ?? sysctlConflict(spec) ?? missingPath(spec);
  if (conflict !== undefined) throw new ToolError("invalid-argument", conflict);
}

function networkConflict({ network }: ContainerSpec, { rootless }: { readonly rootless: boolean }): string | undefined {
  const { mode, dns = [], dnsSearch = [], dnsOptions = [], addHosts = [], staticIps = [], staticMac, aliases = [] } = network;
  const kind = mode?.kind;
  const resolves = dns.length + dnsSearch.length + dnsOptions.length > 0;
  if (resolves && (kind === "none" || kind === "container")) return `conflicting options: dns and the network mode: ${kind}`;
  if (kind === "container" && addHosts.length > 0)
    return "invalid config provided: cannot set extra host entries when the container is joined to another containers network namespace: invalid configuration";
  if (dns.includes("none") && dnsSearch.length > 0)
    return "invalid config provided: UseImageResolvConf and DNSSearch are mutually exclusive options";
  if (kind === "pasta" && !rootless)
    return "invalid config provided: pasta networking is only supported for rootless mode or when inside a nested userns";
  if (kind === "path" && mode?.kind === "path" && !existsSync(mode.path))
    return `cannot find specified network namespace path: faccessat ${mode.path}: no such file or directory`;
  const own: ReadonlyArray<readonly [boolean, string]> = [
    [staticIps.length > 0, "--ip"],
    [staticMac !== undefined, "--mac-address"],
    [aliases.length > 0, "--network-alias"],
  ];
  const [, flag] = own.find(([given]) => given) ?? [];
  if (flag === undefined) return undefined;
  if (Object.keys(network.networks ?? {}).length > 1 && flag !== "--network-alias")
    return `${flag} can only be set for a single network: invalid argument`;
  const bridged = kind === undefined || kind === "bridge" || kind === "private";
  return bridged ? undefined : `${flag} can only be set when the network mode is bridge: invalid argument`;
}

function nameConflict({ namespaces, hostname, shmSize, infra, pod }: ContainerSpec): string | undefined {
  const ipc = namespaces.ipc?.kind;
  if (shmSize !== undefined && (ipc === "host" || ipc === "none"))
    return `invalid config provided: cannot set shmsize when running in the {${ipc} } IPC Namespace`;
  // The name of a pod on the host's network is not set anywhere.
  if (infra !== undefined || pod !== undefined) return undefined;
  if (namespaces.uts?.kind !== "host" || hostname === undefined || hostname === "") return undefined;
  return "invalid config provided: cannot set hostname when running in the host UTS namespace: invalid configuration";
}

/** Others are the host's. */
function sysctlConflict({ resources }: ContainerSpec): string | undefined {
  const name = Object.keys(resources.sysctls ?? {}).find((key) => !IPC_SYSCTLS.has(key) && !/^(net|fs\.mqueue)\./.test(key));
  return name === undefined ? undefined : `sysctl '${name}' is not allowed`;
}

function missingPath({ rootfs, security, devices = [] }: ContainerSpec): string | undefined {
  const { seccompProfile = "", apparmorProfile = "" } = security;
  if (rootfs !== undefined && !existsSync(rootfs.replace(/:[^/]*$/, "")))
    return `running container create option: faccessat ${rootfs}: no such file or directory`;
  if (seccompProfile !== "" && seccompProfile !== "unconfined" && !existsSync(seccompProfile))
    return `opening seccomp profile failed: open ${seccompProfile}: no such file or directory`;
  if (apparmorProfile !== "" && apparmorProfile !== "unconfined" && !existsSync("/sys/kernel/security/apparmor"))
    return `apparmor profile ${JSON.stringify(apparmorProfile)} specified, but Apparmor is not enabled on this system`;
  const device = devices.find(({ source }) => !existsSync(source));
  return device === undefined ? undefined : `stat ${device.source}: no such file or directory`;
}
