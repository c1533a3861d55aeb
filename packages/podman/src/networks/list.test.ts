import type { NetworkDefinition } from "@containers/common/network/backend";
import { expect, test } from "vitest";
import { listNetworks } from "./list.ts";
import { parseRoute, subnetsFromFlags } from "./subnets-from-flags.ts";

function network(name: string, more: Partial<NetworkDefinition> = {}): NetworkDefinition {
  return {
    name,
    id: name.padEnd(64, "0"),
    driver: "bridge",
    created: "2026-01-01T00:00:00Z",
    ipv6_enabled: false,
    internal: false,
    dns_enabled: true,
    ...more,
  };
}

const networks = [network("abc", { labels: { a: "b" } }), network("abd", { driver: "macvlan" }), network("podman")];
const engine = {
  networks: { list: () => networks },
  state: { containers: { list: () => [{ networks: ["abd"] }] } },
} as unknown as Parameters<typeof listNetworks>[0];
const names = (...filters: string[]) => listNetworks(engine, { filters }).map(({ name }) => name);

test.each([
  [[], ["abc", "abd", "podman"]],
  [["name=ab"], ["abc", "abd"]],
  [["name=ab", "driver=macvlan"], ["abd"]],
  [
    ["name=abc", "name=podman"],
    ["abc", "podman"],
  ],
  [["id=abc0"], ["abc"]],
  [["label=a"], ["abc"]],
  [["label=a=x"], []],
  [["label!=a"], ["abd", "podman"]],
  [["dangling=true"], ["abc"]],
  [["dangling=false"], ["abd", "podman"]],
  [["until=1h"], ["abc", "abd", "podman"]],
  [["until=2025-01-01T00:00:00Z"], []],
])("filters %j", (filters, expected) => expect(names(...filters)).toEqual(expected));

test.each([
  ["foo=bar", 'invalid filter "foo"'],
  ["foo", 'invalid filter "foo"'],
  ["dangling=x", 'invalid dangling filter value "x"'],
])("the filter %s is refused", (filter, message) => expect(() => names(filter)).toThrow(message));

test("--subnet, --gateway and --ip-range", () => {
  expect(subnetsFromFlags({ subnets: ["10.1.0.0/24", "fd01::/64"], gateways: ["10.1.0.9"], ranges: ["10.1.0.128/25"] })).toEqual([
    { subnet: "10.1.0.0/24", gateway: "10.1.0.9", lease_range: { start_ip: "10.1.0.129", end_ip: "10.1.0.255" } },
    { subnet: "fd01::/64" },
  ]);
  expect(subnetsFromFlags({ subnets: ["10.1.0.0/24"], gateways: [], ranges: ["10.1.0.5-10.1.0.9"] })[0]?.lease_range).toEqual({
    start_ip: "10.1.0.5",
    end_ip: "10.1.0.9",
  });
  expect(() => subnetsFromFlags({ subnets: [], gateways: ["10.1.0.1"], ranges: [] })).toThrow("cannot set gateway or range without subnet");
  expect(() => subnetsFromFlags({ subnets: ["1.2.3"], gateways: [], ranges: [] })).toThrow("invalid CIDR address: 1.2.3");
});

test("--route", () => {
  expect(parseRoute("10.2.0.0/24,10.1.0.1,5")).toEqual({ destination: "10.2.0.0/24", gateway: "10.1.0.1", metric: 5 });
  expect(() => parseRoute("10.2.0.0/24")).toThrow("invalid route: 10.2.0.0/24");
  expect(() => parseRoute("10.2.0.0/24,1.1.1.1,x")).toThrow("invalid route metric x");
});
