import { expect, test } from "vitest";
import {
  firstAddress,
  formatIp,
  formatSubnet,
  ipBytes,
  ipFromBytes,
  lastAddress,
  parseIp,
  parseSubnet,
  requireSubnet,
  subnetContains,
  subnetsOverlap,
} from "./ip-address.ts";

const printed = (text: string) => {
  const address = parseIp(text);
  return address === undefined ? undefined : formatIp(address);
};

test.each([
  ["10.88.0.1", "10.88.0.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["::", "::"],
  ["::1", "::1"],
  ["fd00:0:0:1:0:0:0:2", "fd00:0:0:1::2"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["FE80::ABCD", "fe80::abcd"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
])("%s prints as %s", (text, canonical) => expect(printed(text)).toBe(canonical));

test.each(["", "10.0.0", "10.0.0.256", "fe80::1%eth0", "1::2::3", "example"])("%j is no address", (text) =>
  expect(parseIp(text)).toBeUndefined(),
);

test("bytes and back", () => {
  const address = requireSubnet("fd12:3456::/64").base;
  expect(formatIp(ipFromBytes(ipBytes(address)))).toBe("fd12:3456::");
  expect([...ipBytes(requireSubnet("10.89.3.0/24").base)]).toEqual([10, 89, 3, 0]);
});

test("subnets clear host bits and know their ends", () => {
  const subnet = requireSubnet("10.89.7.77/24");
  expect(formatSubnet(subnet)).toBe("10.89.7.0/24");
  expect(formatIp(firstAddress(subnet))).toBe("10.89.7.1");
  expect(formatIp(lastAddress(subnet))).toBe("10.89.7.255");
  expect(subnetContains(subnet, requireSubnet("10.89.7.200/32").base)).toBe(true);
  expect(subnetContains(subnet, requireSubnet("10.89.8.0/32").base)).toBe(false);
  expect(subnetsOverlap(subnet, requireSubnet("10.89.0.0/16"))).toBe(true);
  expect(subnetsOverlap(subnet, requireSubnet("fd00::/64"))).toBe(false);
});

test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "1.2.3/24"])("%s is no subnet", (text) => {
  expect(parseSubnet(text)).toBeUndefined();
  expect(() => requireSubnet(text)).toThrow(`invalid CIDR address: ${text}`);
});
