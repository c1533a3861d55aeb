import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { readFileInRoot } from "@containers/common/fs/open-in-root";
import { buildHostsFile } from "@containers/common/network/hosts-file";
import { buildResolvConf, loadHostResolvConf } from "@containers/common/network/resolv-conf";
import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import { podmanVersion } from "../../system/version.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";
import { addAccounts } from "./account-files.ts";
import { type ConnectedNetwork, hasOwnNetwork, hostAddress, ownAddresses } from "./network.ts";
import { addPodMember } from "./pod-hosts.ts";
import { linkInEtc } from "./root-links.ts";
import { prepareTimezone } from "./timezone.ts";

type Ports = Pick<
  Engine,
  "sys" | "state" | "config" | "defaults" | "network" | "networkHost" | "rootless" | "helperDirs" | "userMode" | "warn"
>;

/**
 * Writes the files that are bound into the container and returns their mounts. hosts and resolv.conf stay empty until
 * {@link writeNetworkFiles}: what they say is known only when the network is, which is set up meanwhile.
 */
export function writeBoundFiles(
  engine: Ports,
  config: ContainerConfig,
  root: { readonly rootfs: string; readonly user: ContainerUser },
): SpecMount[] {
  mkdirSync(config.runDir, { recursive: true, mode: 0o700 });
  const taken = new Set(config.mounts.map(({ target }) => target));
  const files: Array<readonly [target: string, name: string, text: string]> = [
    ...(hidesRun(config) ? [] : [["/run/.containerenv", ".containerenv", containerEnv(engine, config)] as const]),
    ...(config.network.noHostname ? [] : [["/etc/hostname", "hostname", `${config.hostname}\n`] as const]),
    ...addAccounts(config, { sys: engine.sys, ...root }, taken),
  ];
  const mounts = files
    .filter(([target]) => !taken.has(target))
    .map(([target, name, text]) => {
      writeFileSync(`${config.runDir}/${name}`, text, { mode: 0o644 });
      giveToRoot(config, `${config.runDir}/${name}`);
      return boundFile(config, target, `${config.runDir}/${name}`);
    });
  const localtime = taken.has("/etc/localtime") ? undefined : prepareTimezone(engine.sys, config, root.rootfs);
  // Programs look here for what is mounted; images leave it to the engine.
  if (!taken.has("/etc") && config.rootfs === undefined)
    linkInEtc(engine.sys, { config, root: root.rootfs }, { name: "mtab", target: "/proc/mounts" });
  return inChroots(config, [
    ...mounts,
    ...(localtime === undefined ? [] : [boundFile(config, "/etc/localtime", localtime)]),
    ...networkFileMounts(engine, config, taken),
  ]);
}

/** `--chrootdirs`: what is bound to /etc appears in these directories too. */
function inChroots({ chrootDirs = [] }: ContainerConfig, mounts: readonly SpecMount[]): SpecMount[] {
  const copies = mounts.filter(({ destination }) => destination.startsWith("/etc/"));
  return [
    ...mounts,
    ...chrootDirs.flatMap((directory) => copies.map((mount) => ({ ...mount, destination: `${directory}${mount.destination}` }))),
  ];
}

/** Fills in /etc/hosts and /etc/resolv.conf, in place: they are bound already. */
export function writeNetworkFiles(engine: Ports, config: ContainerConfig, connected: ConnectedNetwork, root: string): void {
  if (config.network.mode.kind === "container") {
    if (config.podId !== "") addPodMember(engine, config);
    return;
  }
  if (!config.network.noHosts) writeFileSync(`${config.runDir}/hosts`, hostsText(engine, config, { connected, root }));
  if (wantsResolvConf(config)) writeFileSync(`${config.runDir}/resolv.conf`, resolvText(config, connected));
}

function networkFileMounts(engine: Ports, config: ContainerConfig, taken: ReadonlySet<string>): SpecMount[] {
  const lender = config.network.mode.kind === "container" ? engine.state.containers.get(config.network.mode.container)?.config : undefined;
  const directory = lender?.runDir ?? config.runDir;
  // What the lender has no file of cannot be lent.
  const noHosts = config.network.noHosts || lender?.network.noHosts === true;
  const names = [...(noHosts ? [] : ["hosts"]), ...(wantsResolvConf(lender ?? config) ? ["resolv.conf"] : [])];
  return names
    .filter((name) => !taken.has(`/etc/${name}`))
    .map((name) => {
      if (lender === undefined) {
        writeFileSync(`${directory}/${name}`, "", { mode: 0o644 });
        giveToRoot(config, `${directory}/${name}`);
      }
      return boundFile(config, `/etc/${name}`, `${directory}/${name}`);
    });
}

function boundFile(config: ContainerConfig, destination: string, source: string): SpecMount {
  const extra = config.readOnly ? ["ro", "nosuid", "noexec", "nodev"] : [];
  return { destination, type: "bind", source, options: ["bind", "rprivate", ...extra] };
}

/** `--network none` has nobody to ask; `--dns none` leaves the image's file alone. */
/** Without a network there is nobody to ask for names. */
function wantsResolvConf(config: ContainerConfig): boolean {
  return config.network.mode.kind !== "none" && !config.network.dns.includes("none");
}

/** Nothing is put into a directory of the host that stands at /run. */
function hidesRun({ mounts }: ContainerConfig): boolean {
  return mounts.some(({ type, target }) => target === "/run" && type !== "tmpfs");
}

/** Tools look for this file to know that they are in a container; only privileged ones are told more. */
function containerEnv(engine: Ports, config: ContainerConfig): string {
  if (config.security.privileged !== true) return "";
  return [
    `engine="podman-${podmanVersion}"`,
    `name="${config.name}"`,
    `id="${config.id}"`,
    `image="${config.imageName}"`,
    `imageid="${config.imageId}"`,
    `rootless=${engine.rootless ? 1 : 0}`,
    "",
  ].join("\n");
}

function hostsText(engine: Ports, config: ContainerConfig, place: { readonly connected: ConnectedNetwork; readonly root: string }): string {
  const address = hostAddress(engine, config, place.connected);
  // One that is both stands twice, as the original has it.
  const names = [config.hostname, config.name].filter((name) => name !== "");
  const addresses = ownAddresses(place.connected);
  const own = config.network.mode.kind === "none" ? ["127.0.0.1"] : addresses;
  return buildHostsFile({
    base: baseHosts(engine, config, place.root),
    extra: config.network.addHosts,
    own: own.map((ip) => ({ ip, names })),
    ...(address === undefined ? {} : { hostAddress: address }),
  });
}

function baseHosts(engine: Ports, config: ContainerConfig, root: string): string {
  switch (config.network.hostsFile) {
    case "none":
      return "";
    case "image":
      return readFileInRoot(engine.sys, root, "/etc/hosts")?.toString("utf8") ?? "";
    default:
      return readHosts(config.network.hostsFile === "" ? "/etc/hosts" : config.network.hostsFile, config.network.hostsFile === "");
  }
}

function readHosts(path: string, mayBeMissing: boolean): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (mayBeMissing) return "";
    throw new ToolError("invalid-argument", `cannot read the base hosts file ${path}`, { cause: error });
  }
}

function resolvText(config: ContainerConfig, connected: ConnectedNetwork): string {
  const isolated = hasOwnNetwork(config);
  const fromNetworks = Object.values(connected.status ?? {}).flatMap(({ dns_server_ips }) => dns_server_ips ?? []);
  const domains = Object.values(connected.status ?? {}).flatMap(({ dns_search_domains }) => dns_search_domains ?? []);
  const userMode = connected.userMode;
  // A network's own server knows the containers' names and asks the configured servers itself.
  const servers =
    fromNetworks.length > 0
      ? fromNetworks
      : [...config.network.dns, ...(config.network.dns.length > 0 ? [] : (userMode?.dnsServers ?? []))];
  return buildResolvConf({
    host: loadHostResolvConf(isolated),
    isolated,
    ipv6: userMode?.ipv6 ?? false,
    servers,
    keepHostServers: userMode !== undefined && config.network.dns.length === 0,
    // Domains that the user names are the only ones.
    search: config.network.dnsSearch.length > 0 ? config.network.dnsSearch : domains,
    keepHostSearch: domains.length > 0 && config.network.dnsSearch.length === 0,
    options: config.network.dnsOptions,
  });
}
