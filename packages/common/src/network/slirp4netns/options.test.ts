import { expect, test } from "vitest";
import { parseSlirpOptions, slirpAddresses, slirpArguments } from "./options.ts";

test("defaults", () => {
  const options = parseSlirpOptions([]);
  expect(slirpArguments(options, "/n", undefined).join(" ")).toBe(
    "--disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6 -c -r 3 --netns-type=path /n tap0",
  );
  expect(slirpAddresses(options)).toEqual({ gateway: "10.0.2.2", dns: "10.0.2.3", guest: "10.0.2.100" });
});

test("options", () => {
  const options = parseSlirpOptions([
    "cidr=10.7.0.0/24",
    "allow_host_loopback=true",
    "enable_ipv6=false",
    "mtu=1500",
    "outbound_addr=192.0.2.5",
    "port_handler=slirp4netns",
  ]);
  expect(slirpArguments(options, "/n", "/s").join(" ")).toBe(
    "--mtu=1500 --enable-sandbox --enable-seccomp --cidr=10.7.0.0/24 --outbound-addr=192.0.2.5 -c -r 3 --api-socket /s --netns-type=path /n tap0",
  );
  expect(slirpAddresses(options).guest).toBe("10.7.0.100");
});

test.each([
  ["mtu", 'unknown option for slirp4netns: "mtu"'],
  ["foo=1", 'unknown option for slirp4netns: "foo=1"'],
  ["mtu=1", 'invalid mtu "1"'],
  ["cidr=fd00::/64", 'invalid cidr "fd00::/64"'],
  ["enable_ipv6=yes", 'invalid value of enable_ipv6 for slirp4netns: "yes"'],
  ["port_handler=x", 'unknown port_handler for slirp4netns: "x"'],
])("%s is refused", (option, message) => expect(() => parseSlirpOptions([option])).toThrow(message));
