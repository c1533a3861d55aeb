import { expect, test } from "vitest";
import type { NetworkDefinition, NetworkDefinitionInput } from "./backend.ts";
import { completeNetwork } from "./complete-network.ts";
import { requireSubnet } from "./ip-address.ts";
import { formatNetworkFile, parseNetworkFile } from "./network-file.ts";

const id = "ab".repeat(32);
const complete = (input: NetworkDefinitionInput, present: readonly NetworkDefinition[] = [], host: readonly string[] = []) =>
  completeNetwork(input, { present, hostSubnets: host.map(requireSubnet), id });

test("a bridge with nothing said", () => {
  const network = complete({ name: "n1" });
  expect({ ...network, created: "" }).toEqual({
    name: "n1",
    id,
    driver: "bridge",
    network_interface: "podman1",
    created: "",
    subnets: [{ subnet: "10.89.0.0/24", gateway: "10.89.0.1" }],
    routes: undefined,
    ipv6_enabled: false,
    internal: false,
    dns_enabled: true,
    network_dns_servers: undefined,
    labels: undefined,
    options: undefined,
    ipam_options: { driver: "host-local" },
  });
});

test("the file reads back, in the original's form", () => {
  const network = complete({ name: "n1", labels: { a: "b" }, options: { mtu: "1400" } });
  const text = formatNetworkFile(network);
  expect(text).toMatch(/^{\n {5}"name": "n1",\n {5}"id": "(ab){32}",\n {5}"driver": "bridge",\n/);
  const undefinedLeftOut = JSON.parse(JSON.stringify(network)) as unknown;
  expect(JSON.parse(JSON.stringify(parseNetworkFile(text, "n1.json")))).toEqual(undefinedLeftOut);
});

test("subnets and interfaces in use are passed over", () => {
  const first = complete({ name: "n1" });
  const second = complete({ name: "n2" }, [first], ["10.89.1.7/24"]);
  expect(second.subnets).toEqual([{ subnet: "10.89.2.0/24", gateway: "10.89.2.1" }]);
  expect(second.network_interface).toBe("podman2");
  expect(complete({}, [first]).name).toBe("podman2");
});

test("ipv6 adds the family that is missing", () => {
  const both = complete({ name: "n", ipv6_enabled: true }).subnets ?? [];
  expect(both[0]?.subnet).toBe("10.89.0.0/24");
  expect(both[1]?.subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
  const given = complete({ name: "n", ipv6_enabled: true, subnets: [{ subnet: "fd01::/64" }] }).subnets ?? [];
  expect(given.map((one) => one.subnet)).toEqual(["fd01::/64", "10.89.0.0/24"]);
  expect(complete({ name: "n", subnets: [{ subnet: "fd01::/64" }] }).ipv6_enabled).toBe(true);
});

test("internal networks keep their gateway only for DNS", () => {
  expect(complete({ name: "n", internal: true }).subnets?.[0]?.gateway).toBe("10.89.0.1");
  expect(complete({ name: "n", internal: true, dns_enabled: false }).subnets?.[0]?.gateway).toBeUndefined();
});

test("a network of one address has it for its gateway", () => {
  expect(complete({ name: "n", subnets: [{ subnet: "10.1.0.7/32" }] }).subnets).toEqual([{ subnet: "10.1.0.7/32", gateway: "10.1.0.7" }]);
});

test("options are put as netavark reads them, and Docker's names where they belong", () => {
  const options = {
    isolate: "1",
    no_default_route: "F",
    "com.docker.network.driver.mtu": "1300",
    "com.docker.network.bridge.name": "dbr0",
  };
  expect(complete({ name: "n", options })).toMatchObject({
    network_interface: "dbr0",
    options: { isolate: "true", no_default_route: "false", mtu: "1300" },
  });
  expect(complete({ name: "n", options: { isolate: "" } }).options).toEqual({ isolate: "false" });
});

test("networks with VLANs and on a bridge of the user's may share bridge and addresses", () => {
  const first = complete({ name: "n1" });
  const shared = { network_interface: "podman1", subnets: [{ subnet: "10.89.0.0/24" }] };
  expect(complete({ name: "n2", ...shared, options: { vlan: "5" } }, [first]).network_interface).toBe("podman1");
  expect(complete({ name: "n2", ...shared, options: { mode: "unmanaged" } }, [first]).subnets?.[0]?.subnet).toBe("10.89.0.0/24");
});

test("drivers that work on an interface of the host's", () => {
  const context = { present: [complete({ name: "n1" })], hostSubnets: [], hostInterfaces: ["eth0"], id };
  const lan = { name: "n", driver: "macvlan", subnets: [{ subnet: "10.89.0.0/24" }], options: { parent: "eth0", mode: "bridge" } };
  expect(completeNetwork(lan, context)).toMatchObject({
    network_interface: "eth0",
    options: { mode: "bridge" },
    dns_enabled: false,
    ipam_options: { driver: "host-local" },
  });
  expect(() => completeNetwork({ ...lan, options: { parent: "eth9" } }, context)).toThrow("parent interface eth9 does not exist");
});

test("other drivers and address managers", () => {
  expect(complete({ name: "n", ipam_options: { driver: "dhcp" } })).toMatchObject({ subnets: undefined, dns_enabled: true });
  expect(complete({ name: "n", driver: "macvlan" })).toMatchObject({
    ipam_options: { driver: "dhcp" },
    dns_enabled: false,
    network_interface: undefined,
  });
  expect(complete({ name: "n", ipam_options: { driver: "none" } })).toMatchObject({ subnets: undefined, dns_enabled: false });
});

test.each<[NetworkDefinitionInput, string]>([
  [{ name: "a b" }, "network name a b invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument"],
  [{ name: "host" }, 'cannot create network with name "host" because it conflicts with a valid network mode'],
  [{ name: "taken" }, "network name taken already used: network already exists"],
  [{ name: "n", network_interface: "podman1" }, "bridge name podman1 already in use"],
  [{ name: "n", subnets: [{ subnet: "10.89.0.0/25" }] }, "subnet 10.89.0.0/25 is already used on the host or by another config"],
  [{ name: "n", subnets: [{ subnet: "10.1.0.0/24", gateway: "10.2.0.1" }] }, "gateway 10.2.0.1 not in subnet 10.1.0.0/24"],
  [
    { name: "n", subnets: [{ subnet: "10.1.0.0/24", lease_range: { start_ip: "10.3.0.1" } }] },
    "lease range start ip 10.3.0.1 not in subnet 10.1.0.0/24",
  ],
  [
    { name: "n", subnets: [{ subnet: "10.1.0.0/16" }, { subnet: "10.1.2.0/24" }] },
    "overlapping subnets detected: 10.1.0.0/16 and 10.1.2.0/24",
  ],
  [{ name: "n", options: { foo: "bar" } }, "unsupported bridge network option foo"],
  [{ name: "n", options: { isolate: "yes" } }, 'failed to parse isolate option: strconv.ParseBool: parsing "yes": invalid syntax'],
  [{ name: "n", driver: "macvlan", options: { mode: "foo" } }, 'unknown macvlan mode "foo"'],
  [{ name: "n", options: { mtu: "-3" } }, "mtu -3 is less than zero"],
  [{ name: "n", options: { vlan: "9999" } }, "vlan ID 9999 must be between 0 and 4094"],
  [{ name: "n", options: { metric: "x" } }, 'strconv.ParseUint: parsing "x": invalid syntax'],
  [{ name: "n", options: { vrf: "" } }, "invalid vrf name"],
  [{ name: "n", options: { parent: "eth0" } }, "unsupported bridge network option parent"],
  [{ name: "n", network_interface: "a b" }, "network interface name a b invalid: interface name contains / or : or whitespace characters"],
  [{ name: "n", network_interface: "averyveryverylongname" }, "interface names must be 15 characters or less: invalid argument"],
  [{ name: "n", network_interface: "-a" }, "bridge name -a invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument"],
  [{ name: "n", network_dns_servers: ["x"] }, "unable to parse ip x specified in NetworkDNSServers: invalid argument"],
  [{ name: "n", routes: [{ destination: "10.0.0.1/8", gateway: "10.0.0.1" }] }, "route destination invalid"],
  [{ name: "n", driver: "ipvlan" }, "ipam driver dhcp is not supported with ipvlan"],
  [
    { name: "n", driver: "macvlan", options: { bclim: "x" } },
    'failed to parse "bclim" option: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    { name: "n", driver: "macvlan", ipam_options: { driver: "host-local" } },
    "macvlan driver needs at least one subnet specified when the host-local ipam driver is set",
  ],
  [
    { name: "n", driver: "macvlan", ipam_options: { driver: "dhcp" }, subnets: [{ subnet: "10.1.0.0/24" }] },
    "ipam driver dhcp set but subnets are set",
  ],
  [{ name: "n", driver: "ipvlan", ipam_options: { driver: "dhcp" } }, "ipam driver dhcp is not supported with ipvlan"],
  [{ name: "n", ipam_options: { driver: "foo" } }, 'unsupported ipam driver "foo"'],
  [
    { name: "n", dns_enabled: false, network_dns_servers: ["1.1.1.1"] },
    "cannot set NetworkDNSServers if DNS is not enabled for the network: invalid argument",
  ],
])("%j is refused", (input, message) => {
  const taken = complete({ name: "taken" });
  expect(() => complete(input, [taken])).toThrow(message);
});

test.each([
  ["{", "network file x.json"],
  ['{"name":"y"}', 'the name inside is "y"'],
  ['{"name":"x","id":"1"}', 'invalid id "1"'],
  [`{"name":"x","id":"${id}","driver":"bridge","subnets":[{"subnet":"1.2.3.0/99"}]}`, "subnet invalid: 1.2.3.0/99"],
])("a broken file is refused: %s", (text, message) => expect(() => parseNetworkFile(text, "x.json")).toThrow(message));
