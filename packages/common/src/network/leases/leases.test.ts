import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NetworkDefinition } from "../backend.ts";
import { NO_FREELIST } from "./bolt-format.ts";
import { readBolt } from "./bolt-read.ts";
import { emptyBolt, writeBolt } from "./bolt-write.ts";
import { allocateLeases, assignedLeases, dropNetworkLeases, releaseLeases } from "./leases.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/leases-`);
  path = `${directory}/ipam.db`;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function network(name: string, subnets: NetworkDefinition["subnets"]): NetworkDefinition {
  return {
    name,
    id: "0".repeat(64),
    driver: "bridge",
    created: "",
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    subnets,
    ipam_options: { driver: "host-local" },
  };
}

const small = network("small", [{ subnet: "10.1.0.0/29", gateway: "10.1.0.1" }]);
const take = (id: string, one = small, staticIps?: string[]) =>
  allocateLeases(path, id, [{ network: one, options: { interfaceName: "eth0", staticIps } }])[one.name];

test("addresses go round the range: gateway and broadcast are left out, a freed one is not reused at once", () => {
  expect(take("a")).toEqual(["10.1.0.2"]);
  expect(take("b")).toEqual(["10.1.0.3"]);
  releaseLeases(path, "a", ["small"]);
  expect(["c", "d", "e"].map((id) => take(id)?.[0])).toEqual(["10.1.0.4", "10.1.0.5", "10.1.0.6"]);
  expect(take("f")).toEqual(["10.1.0.2"]);
  expect(() => take("g")).toThrow("IPAM error: failed to find free IP in range: 10.1.0.1 - 10.1.0.6");
});

test("static addresses", () => {
  expect(take("a", small, ["10.1.0.5"])).toEqual(["10.1.0.5"]);
  expect(() => take("b", small, ["10.1.0.5"])).toThrow("requested ip address 10.1.0.5 is already allocated to container ID a");
  expect(() => take("b", small, ["10.2.0.5"])).toThrow("requested static ip 10.2.0.5 not in any subnet on network small");
  expect(take("b")).toEqual(["10.1.0.2"]);
});

test("lease ranges and both families", () => {
  const ranged = network("r", [
    { subnet: "10.2.0.0/24", gateway: "10.2.0.1", lease_range: { start_ip: "10.2.0.10", end_ip: "10.2.0.11" } },
    { subnet: "fd01::/64", gateway: "fd01::1" },
  ]);
  expect(take("a", ranged)).toEqual(["10.2.0.10", "fd01::2"]);
  expect(take("b", ranged)).toEqual(["10.2.0.11", "fd01::3"]);
});

test("a container that was killed before its teardown starts again", () => {
  take("a");
  expect(take("a")).toEqual(["10.1.0.3"]);
  expect(assignedLeases(path, "a", [small])).toEqual({ small: ["10.1.0.3"] });
});

test("failing takes nothing", () => {
  const other = network("other", [{ subnet: "10.3.0.0/24" }]);
  take("x", other, ["10.3.0.9"]);
  const both = [small, other].map((one) => ({
    network: one,
    options: { interfaceName: "eth0", staticIps: one === other ? ["10.3.0.9"] : undefined },
  }));
  expect(() => allocateLeases(path, "a", both)).toThrow("already allocated");
  expect(assignedLeases(path, "a", [small])).toEqual({ small: [] });
});

test("many leases outgrow a page; removed networks are forgotten", () => {
  const large = network("large", [{ subnet: "10.4.0.0/16", gateway: "10.4.0.1" }]);
  for (let index = 0; index < 200; index++) take(String(index).padStart(64, "f"), large);
  expect(assignedLeases(path, "199".padStart(64, "f"), [large])).toEqual({ large: ["10.4.0.201"] });
  dropNetworkLeases(path, "large");
  expect([...readBolt(readFileSync(path), path).root.keys()]).toEqual([]);
  // Free pages are used again: the file stays as large as two copies need.
  expect(readFileSync(path).length).toBeLessThan(400_000);
});

test("the present state survives a half-written next one", () => {
  take("a");
  const before = readFileSync(path);
  const content = readBolt(before, path);
  content.root.set("junk", new Map([["k", Buffer.from("v")]]));
  const after = Buffer.concat([before, Buffer.alloc(65536)]);
  for (const page of writeBolt(content.root, content).pages) after.set(page.bytes, page.offset);
  writeFileSync(path, after);
  expect(assignedLeases(path, "a", [small])).toEqual({ small: ["10.1.0.2"] });
});

test("damage is noticed", () => {
  expect(() => readBolt(Buffer.alloc(8192), path)).toThrow("no valid meta page");
  const empty = emptyBolt();
  expect(empty.readBigUInt64LE(16 + 32)).toBe(NO_FREELIST);
  empty.writeUInt16LE(0x40, 2 * 4096 + 8);
  expect(() => readBolt(empty, path)).toThrow("unknown page type 64");
});
