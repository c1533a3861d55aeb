import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import { isRootless } from "@containers/common/rootless/rootless";
import { ALL_CAPABILITIES, mergeCapabilities } from "@containers/common/security/capabilities";
import type { RunSettings } from "../executor/build-options.ts";
import { parseSecrets } from "../run/secrets.ts";
import { parseSecurityOptions } from "../run/security-options.ts";
import { parseSshSources } from "../run/ssh-agent.ts";
import { parseUlimit } from "../run/ulimit-flag.ts";
import { parseBuildVolume } from "../run/volume-flag.ts";
import type { Isolation } from "../working-container/record.ts";
import { type AnyInvocation, textOption } from "./open-ports.ts";

/** 65536k. */
const DEFAULT_SHM_SIZE = 65536 * 1024;

const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  userns: ["host", ""],
  "userns-gid-map": [],
  "userns-gid-map-group": [],
  "userns-uid-map": [],
  "userns-uid-map-user": [],
};

/** The flags that decide how commands are run, as settings; flags that a command does not have count as absent. Throws invalid-argument. */
export function runSettings(invocation: AnyInvocation): RunSettings {
  const { flags } = invocation;
  for (const [name, harmless] of Object.entries(UNSUPPORTED)) {
    if (invocation.given(name) && !harmless.includes(String(flags[camelCase(name)])))
      throw new ToolError("unsupported", `--${name} ${String(flags[camelCase(name)])} is not supported for builds`);
  }
  const list = (name: string): readonly string[] => (Array.isArray(flags[name]) ? flags[name].map(String) : []);
  checkNames(flags["noHosts"] === true, list("addHost"));
  checkDns({ servers: list("dns"), search: list("dnsSearch"), options: list("dnsOption") });
  checkCapabilities(list("capAdd"), list("capDrop"));
  for (const volume of list("volume")) validated("validating volumes", () => parseBuildVolume(volume));
  parseSecurityOptions(list("securityOpt"));
  for (const limit of list("ulimit")) parseUlimit(limit);
  return {
    isolation: isolationOf(flags["isolation"]),
    ...networkOf(flags["network"]),
    namespaces: namespacesOf(invocation),
    volumes: list("volume"),
    addHosts: list("addHost"),
    noHosts: flags["noHosts"] === true,
    noHostname: flags["noHostname"] === true,
    dns: list("dns"),
    dnsSearch: list("dnsSearch"),
    dnsOptions: list("dnsOption"),
    capAdd: list("capAdd"),
    capDrop: list("capDrop"),
    ulimits: list("ulimit"),
    shmSize: typeof flags["shmSize"] === "number" && flags["shmSize"] > 0 ? flags["shmSize"] : DEFAULT_SHM_SIZE,
    ...numberOption("memory", flags["memory"]),
    ...numberOption("memorySwap", flags["memorySwap"]),
    ...numberOption("cpuShares", flags["cpuShares"]),
    ...numberOption("cpuQuota", flags["cpuQuota"]),
    ...numberOption("cpuPeriod", flags["cpuPeriod"]),
    ...textOption("cpusetCpus", flags["cpusetCpus"]),
    ...textOption("cpusetMems", flags["cpusetMems"]),
    ...textOption("cgroupParent", flags["cgroupParent"]),
    securityOpts: list("securityOpt"),
    httpProxy: flags["httpProxy"] !== false,
    secrets: validated("creating build executor", () => parseSecrets(list("secret"))),
    sshSources: validated("creating build executor", () => parseSshSources(list("ssh"))),
    devices: list("device").map((device) => parseDevice(device)),
    groupAdd: list("groupAdd"),
    hooksDirs: list("hooksDir").filter((directory) => existsSync(directory)),
    ...textOption("runtime", flags["runtime"] || process.env["BUILDAH_RUNTIME"]),
    runtimeFlags: list("runtimeFlag"),
    noPivot: flags["noPivot"] === true || (process.env["BUILDAH_NOPIVOT"] ?? "") !== "",
  };
}

function validated<T>(doing: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw wrapError(doing, error);
  }
}

function checkNames(noHosts: boolean, addHosts: readonly string[]): void {
  if (noHosts && addHosts.length > 0)
    throw new ToolError("invalid-argument", "--no-hosts and --add-host conflict, can not be used together");
  for (const entry of addHosts) {
    const colon = entry.indexOf(":");
    if (colon < 1) throw new ToolError("invalid-argument", `invalid value for add-host: bad format for add-host: ${JSON.stringify(entry)}`);
    const address = entry.slice(colon + 1);
    if (address !== "host-gateway" && isIP(address.trim().replace(/^\[(.*)\]$/, "$1")) === 0)
      throw new ToolError("invalid-argument", `invalid value for add-host: invalid IP address in add-host: ${JSON.stringify(address)}`);
  }
}

function checkDns(dns: {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}): void {
  if (!dns.servers.some((server) => server.toLowerCase() === "none")) return;
  if (dns.servers.length > 1)
    throw new ToolError("invalid-argument", "invalid --dns, --dns=none may not be used with any other --dns options");
  if (dns.search.length > 0) throw new ToolError("invalid-argument", "invalid --dns-search, --dns-search may not be used with --dns=none");
  if (dns.options.length > 0) throw new ToolError("invalid-argument", "invalid --dns-option, --dns-option may not be used with --dns=none");
}

function checkCapabilities(add: readonly string[], drop: readonly string[]): void {
  const unknown = [...add, ...drop]
    .map((name) => name.toUpperCase())
    .map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`))
    .find((name) => name !== "ALL" && !ALL_CAPABILITIES.includes(name));
  if (unknown !== undefined)
    throw new ToolError("invalid-argument", `creating build executor: ${JSON.stringify(unknown)}: unknown capability`);
  mergeCapabilities([], { add, drop, available: ALL_CAPABILITIES });
}

/** `--pid`, `--ipc`, `--uts`, `--cgroupns`: `private`, `host`, or the path of one to join. */
function namespacesOf(invocation: AnyInvocation): NonNullable<RunSettings["namespaces"]> {
  const flags = { pid: "pid", ipc: "ipc", uts: "uts", cgroup: "cgroupns" } as const;
  return Object.fromEntries(
    Object.entries(flags).flatMap(([type, flag]) => {
      if (!invocation.given(flag)) return [];
      const value = String(invocation.flags[flag] ?? "").replace(/^ns:/, "");
      if (value === "" || value === "container" || value === "private") return [[type, "private"]];
      if (value !== "host" && !existsSync(value))
        throw new ToolError("not-found", `checking ${type} namespace: stat ${value}: no such file or directory`);
      return [[type, value]];
    }),
  );
}

function isolationOf(value: unknown): Isolation {
  const text = typeof value === "string" && value !== "" ? value : (process.env["BUILDAH_ISOLATION"] ?? "");
  if (text === "") return isRootless() ? "rootless" : "oci";
  if (text === "default") return "oci";
  if (text === "oci" || text === "rootless" || text === "chroot") return text;
  throw new ToolError("invalid-argument", `unrecognized isolation type ${JSON.stringify(text)}`);
}

function networkOf(value: unknown): { readonly network?: string } {
  if (typeof value !== "string" || value === "" || value === "default") return {};
  return { network: value };
}

function numberOption<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: number } {
  return typeof value === "number" && value !== 0 ? ({ [key]: value } as { readonly [K in Key]?: number }) : {};
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
