/** Docker's view of one network of a container, out of what `inspect` says of it. */
const ENDPOINT_KEYS = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: "",
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: "",
  EndpointID: "",
  Gateway: "",
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
} as const;

const SETTINGS_KEYS = {
  Bridge: "",
  SandboxID: "",
  SandboxKey: "",
  Ports: {},
  HairpinMode: false,
  LinkLocalIPv6Address: "",
  LinkLocalIPv6PrefixLen: 0,
  SecondaryIPAddresses: null,
  SecondaryIPv6Addresses: null,
  EndpointID: "",
  Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  MacAddress: "",
} as const;

type Json = Readonly<Record<string, unknown>>;

/** `NetworkSettings` of `/containers/ID/json`. */
export function networkSettingsJson(settings: Json): Json {
  return { ...pick(settings, SETTINGS_KEYS), Networks: networksJson(settings) };
}

/** `NetworkSettings.Networks`, by network name. */
export function networksJson(settings: Json): Json {
  const networks = settings["Networks"];
  if (!isRecord(networks)) return {};
  return Object.fromEntries(Object.entries(networks).map(([name, entry]) => [name, pick(isRecord(entry) ? entry : {}, ENDPOINT_KEYS)]));
}

/** The keys of `shape`, in its order, with its values where `from` has none. */
export function pick(from: Json, shape: Json): Json {
  return Object.fromEntries(Object.entries(shape).map(([key, fallback]) => [key, from[key] ?? fallback]));
}

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
