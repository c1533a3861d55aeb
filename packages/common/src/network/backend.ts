import type { PortMapping } from "./port-mapping.ts";

/** Connects a container's network namespace to networks; netavark is the one implementation. */
export interface NetworkBackend {
  /**
   * Joins the namespace to every network of `options` and publishes its ports. All or nothing: on failure
   * what was made is undone. Addresses are reserved in the backend's own store until {@link teardown}.
   */
  setup(netnsPath: string, options: NetworkOptions): Promise<Record<string, NetworkStatus>>;
  /** The reverse; goes on after a failure and reports all of them. Safe to call twice. */
  teardown(netnsPath: string, options: NetworkOptions): Promise<void>;
}

export interface NetworkOptions {
  readonly containerId: string;
  readonly containerName: string;
  readonly containerHostname?: string;
  /** By network name. */
  readonly networks: Readonly<Record<string, PerNetworkOptions>>;
  readonly portMappings: readonly PortMapping[];
  readonly dnsServers?: readonly string[];
}

export interface PerNetworkOptions {
  readonly interfaceName: string;
  readonly aliases?: readonly string[];
  readonly staticIps?: readonly string[];
  readonly staticMac?: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** What netavark reports per network, and what `podman inspect` shows: kept as its JSON has it. */
export interface NetworkStatus {
  readonly dns_server_ips?: readonly string[];
  readonly dns_search_domains?: readonly string[];
  readonly interfaces: Readonly<
    Record<
      string,
      {
        readonly mac_address: string;
        readonly subnets?: ReadonlyArray<{ readonly ipnet: string; readonly gateway?: string }>;
      }
    >
  >;
}

/** Reads and edits network definitions (`NAME.json`); separate from {@link NetworkBackend} because listing needs no helper program. */
export interface NetworkStore {
  list(): NetworkDefinition[];
  get(nameOrId: string): NetworkDefinition | undefined;
  create(definition: NetworkDefinitionInput): NetworkDefinition;
  remove(nameOrId: string): void;
}

/** A network's file, with the original's keys. */
export interface NetworkDefinition {
  readonly name: string;
  readonly id: string;
  readonly driver: string;
  readonly network_interface?: string;
  readonly created: string;
  readonly subnets?: ReadonlyArray<{
    readonly subnet: string;
    readonly gateway?: string;
    readonly lease_range?: { readonly start_ip?: string; readonly end_ip?: string };
  }>;
  readonly routes?: ReadonlyArray<{ readonly destination: string; readonly gateway: string; readonly metric?: number }>;
  readonly ipv6_enabled: boolean;
  readonly internal: boolean;
  readonly dns_enabled: boolean;
  readonly network_dns_servers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly ipam_options?: Readonly<Record<string, string>>;
}

export type NetworkDefinitionInput = Partial<Omit<NetworkDefinition, "id" | "created">> & { readonly name?: string };
