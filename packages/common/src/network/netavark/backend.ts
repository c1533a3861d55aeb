import { mkdirSync } from "node:fs";
import { collectErrors } from "../../errors/collect-errors.ts";
import { ToolError } from "../../errors/tool-error.ts";
import type { NetworkBackend, NetworkDefinition, NetworkOptions, NetworkStatus, NetworkStore } from "../backend.ts";
import { runHelper } from "../helper-program.ts";
import { allocateLeases, assignedLeases, releaseLeases } from "../leases/leases.ts";
import { withNetworkLock } from "../network-lock.ts";
import { startPortForwarder, stopPortForwarder } from "../port-forwarder/start.ts";
import type { RootlessNetns } from "../rootless-netns/rootless-netns.ts";
import { callNetavark, type HelperRunner, hasDnsServer, isBuiltinDriver, type NetavarkSettings } from "./invoke.ts";
import { netavarkInput, parseNetavarkStatus } from "./schema.ts";
import { takeDown } from "./take-down.ts";

export interface NetavarkBackendOptions extends NetavarkSettings {
  readonly store: NetworkStore;
  /** Guards the networks against other processes; see network-lock.ts. */
  readonly lockPath: string;
  /** An ordinary user's bridges live in a namespace of their own; undefined for root. */
  readonly rootlessNetns?: RootlessNetns;
  readonly warn?: (message: string) => void;
}

/** The file of address leases: the original's own, see leases/. */
export function leaseFile(runDir: string): string {
  return `${runDir}/ipam.db`;
}

/** Containers' networks by netavark (1.4 or newer). */
export function netavarkBackend(options: NetavarkBackendOptions): NetworkBackend {
  return {
    setup: (netnsPath, network) => withNetworkLock(options.lockPath, () => setup(options, netnsPath, network)),
    teardown: (netnsPath, network) => withNetworkLock(options.lockPath, () => teardown(options, netnsPath, network)),
  };
}

async function setup(options: NetavarkBackendOptions, netnsPath: string, network: NetworkOptions): Promise<Record<string, NetworkStatus>> {
  const names = Object.keys(network.networks);
  const definitions = Object.fromEntries(names.map((name) => [name, requireNetwork(options.store, name)]));
  if (Object.values(definitions).some((one) => one.dns_enabled) && !hasDnsServer(options)) {
    options.warn?.("aardvark-dns not found: containers cannot find each other by name; install the package aardvark-dns");
  }
  mkdirSync(options.runDir, { recursive: true, mode: 0o755 });
  const leases = leaseFile(options.runDir);
  const requests = Object.entries(network.networks).map(([name, one]) => ({ network: requireNetwork(options.store, name), options: one }));
  const addresses = allocateLeases(leases, network.containerId, requests);
  const input = netavarkInput(withAddresses(network, addresses), definitions);
  const call = (verb: "setup" | "teardown", run: HelperRunner) =>
    callNetavark(options, { args: [verb, netnsPath], input, needsPlugin: needsPlugin(definitions) }, run);
  try {
    const stdout = await inNamespace(options, async (run) => {
      try {
        return await call("setup", run);
      } catch (error) {
        // netavark leaves what it had made when it fails half-way; its clean-up may fail for the same reason.
        await takeDown((verb) => call(verb, run), netnsPath).catch(() => undefined);
        throw error;
      }
    });
    options.rootlessNetns?.joined(names.length);
    const status = parseNetavarkStatus(stdout, names);
    if (options.rootlessNetns !== undefined && network.portMappings.length > 0) await publish(options, netnsPath, network, status);
    return status;
  } catch (error) {
    releaseLeases(leases, network.containerId, names);
    options.rootlessNetns?.left(0);
    throw error;
  }
}

/** netavark's own port rules end at the rootless namespace; a process of ours carries the ports from the host into the container. */
async function publish(
  options: NetavarkBackendOptions,
  netnsPath: string,
  network: NetworkOptions,
  status: Record<string, NetworkStatus>,
): Promise<void> {
  try {
    startPortForwarder(forwarderDirectory(options), network.containerId, {
      netnsPath,
      target: firstAddress(status),
      ports: network.portMappings,
    });
  } catch (error) {
    await teardown(options, netnsPath, network);
    throw error;
  }
}

function firstAddress(status: Record<string, NetworkStatus>): string {
  const addresses = Object.values(status).flatMap(({ interfaces }) =>
    Object.values(interfaces).flatMap(({ subnets }) => (subnets ?? []).map(({ ipnet }) => ipnet.split("/")[0] ?? "")),
  );
  const address = addresses.find((one) => !one.includes(":")) ?? addresses[0];
  if (address === undefined) throw new ToolError("invalid-argument", "ports cannot be published: the container has no address");
  return address;
}

function forwarderDirectory(options: NetavarkBackendOptions): string {
  return `${options.runDir}/rootless-ports`;
}

async function teardown(options: NetavarkBackendOptions, netnsPath: string, network: NetworkOptions): Promise<void> {
  // A network whose file was removed under a running container: nothing can be told to netavark about it.
  const known = Object.keys(network.networks).flatMap((name) => options.store.get(name) ?? []);
  const definitions = Object.fromEntries(known.map((one) => [one.name, one]));
  const leases = leaseFile(options.runDir);
  const held = assignedLeases(leases, network.containerId, known);
  // No lease where one belongs: this container was torn down before.
  const present = known.filter((one) => held[one.name] === undefined || held[one.name]?.length !== 0);
  const errors = collectErrors();
  // A container that leaves one of its networks keeps its ports: then the options name none.
  if (options.rootlessNetns !== undefined && network.portMappings.length > 0)
    await errors.attempt(() => stopPortForwarder(forwarderDirectory(options), network.containerId));
  if (present.length > 0) {
    const networks = Object.fromEntries(
      present.flatMap((one) => (network.networks[one.name] === undefined ? [] : [[one.name, network.networks[one.name]]])),
    );
    const input = netavarkInput(
      withAddresses({ ...network, networks: networks as NetworkOptions["networks"] }, held),
      Object.fromEntries(present.map((one) => [one.name, one])),
    );
    const call = (verb: "setup" | "teardown", run: HelperRunner) =>
      callNetavark(options, { args: [verb, netnsPath], input, needsPlugin: needsPlugin(definitions) }, run);
    await errors.attempt(() => inNamespace(options, (run) => takeDown((verb) => call(verb, run), netnsPath)));
  }
  await errors.attempt(() => releaseLeases(leases, network.containerId, Object.keys(network.networks)));
  await errors.attempt(() => options.rootlessNetns?.left(present.length));
  errors.throwIfAny("tearing down the network");
}

function inNamespace<T>(options: NetavarkBackendOptions, fn: (run: HelperRunner) => Promise<T>): Promise<T> {
  return options.rootlessNetns === undefined ? fn(runHelper) : options.rootlessNetns.use(fn);
}

function withAddresses(network: NetworkOptions, addresses: Readonly<Record<string, readonly string[]>>): NetworkOptions {
  const networks = Object.fromEntries(
    Object.entries(network.networks).map(([name, one]) => [
      name,
      addresses[name] === undefined ? one : { ...one, staticIps: addresses[name] },
    ]),
  );
  return { ...network, networks };
}

function needsPlugin(definitions: Readonly<Record<string, NetworkDefinition>>): boolean {
  return Object.values(definitions).some((one) => !isBuiltinDriver(one.driver));
}

function requireNetwork(store: NetworkStore, name: string): NetworkDefinition {
  const found = store.get(name);
  if (found === undefined) throw new ToolError("not-found", `unable to find network with name or ID ${name}: network not found`);
  return found;
}
