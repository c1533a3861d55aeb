import { expect, test } from "vitest";
import { buildResolvConf, parseResolvConf } from "./resolv-conf.ts";

const host =
  "# made by hand\nsearch a.example b.example\nnameserver 127.0.0.53\nnameserver 192.0.2.1 # office\nnameserver fd00::1\nnameserver fe80::1%eth0\noptions edns0 trust-ad\n";

test("parsing", () => {
  expect(parseResolvConf(host)).toEqual({
    nameservers: ["127.0.0.53", "192.0.2.1", "fd00::1", "fe80::1%eth0"],
    search: ["a.example", "b.example"],
    options: ["edns0", "trust-ad"],
  });
});

test("an isolated container cannot reach the host's loopback", () => {
  expect(buildResolvConf({ host, isolated: true, ipv6: false })).toBe(
    "search a.example b.example\nnameserver 192.0.2.1\noptions edns0 trust-ad\n",
  );
  expect(buildResolvConf({ host, isolated: true, ipv6: true })).toBe(
    "search a.example b.example\nnameserver 192.0.2.1\nnameserver fd00::1\noptions edns0 trust-ad\n",
  );
});

test("on the host's network everything stays", () => {
  expect(buildResolvConf({ host, isolated: false, ipv6: true })).toContain("nameserver 127.0.0.53\n");
});

test("public servers when nothing else is left", () => {
  expect(buildResolvConf({ host: "nameserver 127.0.0.1\n", isolated: true, ipv6: false })).toBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
  expect(buildResolvConf({ host: "", isolated: true, ipv6: true })).toContain("nameserver 2001:4860:4860::8888\n");
});

test("what the user gives replaces the host's", () => {
  const request = { host, isolated: true, ipv6: false, servers: ["169.254.1.1"], search: ["dns.podman"], options: ["ndots:1"] };
  expect(buildResolvConf(request)).toBe("search dns.podman\nnameserver 169.254.1.1\noptions ndots:1\n");
  expect(buildResolvConf({ ...request, keepHostServers: true, keepHostSearch: true })).toBe(
    "search dns.podman a.example b.example\nnameserver 169.254.1.1\nnameserver 192.0.2.1\noptions ndots:1\n",
  );
  expect(buildResolvConf({ ...request, search: ["."] })).toBe("nameserver 169.254.1.1\noptions ndots:1\n");
});
