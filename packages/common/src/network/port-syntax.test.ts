import { describe, expect, test } from "vitest";
import { assignPorts } from "./assign-ports.ts";
import type { PortMapping } from "./port-mapping.ts";
import { formatPort, parseExpose, parsePort } from "./port-syntax.ts";

const short = (one: PortMapping) => `${one.host_ip || "*"}:${one.host_port}+${one.range}->${one.container_port}/${one.protocol}`;

test.each([
  ["80", ["*:0+1->80/tcp"]],
  ["8080:80", ["*:8080+1->80/tcp"]],
  [":80", ["*:0+1->80/tcp"]],
  ["8080:80/udp", ["*:8080+1->80/udp"]],
  ["8080:80/tcp,UDP", ["*:8080+1->80/tcp", "*:8080+1->80/udp"]],
  ["127.0.0.1:8080:80", ["127.0.0.1:8080+1->80/tcp"]],
  ["127.0.0.1::80", ["127.0.0.1:0+1->80/tcp"]],
  ["[::1]:8080:80", ["::1:8080+1->80/tcp"]],
  ["[::1]::80", ["::1:0+1->80/tcp"]],
  ["8000-8010:9000-9010", ["*:8000+11->9000/tcp"]],
  ["9000-9010", ["*:0+11->9000/tcp"]],
  ["[::]:53:53/sctp", [":::53+1->53/sctp"]],
])("-p %s", (text, expected) => expect(parsePort(text).map(short)).toEqual(expected));

test.each([
  ["", "must provide a non-empty container port to publish"],
  ["8080:", "must provide a non-empty container port to publish"],
  ["80/tcp/udp", "invalid port format - protocol can only be specified once"],
  ["80/", "must provide a non-empty protocol to publish"],
  ["80/foo", 'unrecognized protocol "foo" in port mapping'],
  ["1:2:3:4", "invalid port format - format is [[hostIP:]hostPort:]containerPort"],
  [":8080:80", "must provide a non-empty container host IP to publish"],
  ["localhost:8080:80", 'cannot parse "localhost" as an IP address'],
  ["[::1]:80", "invalid port format - must provide host and destination port if specifying an IP"],
  ["[::1]80:80", "invalid port format - IPv6 address must be followed by a colon (':')"],
  ["::1]:80:80", "invalid port format - IPv6 addresses must be enclosed by []"],
  ["[::1]:1:2:3", "invalid port format - when v6 address specified, must be [ipv6]:hostPort:ctrPort"],
  ["0:80", "parsing host port: port numbers must be between 1 and 65535 (inclusive), got 0"],
  ["70000", "parsing container port: port numbers must be between 1 and 65535 (inclusive), got 70000"],
  ["-80", "parsing container port: port numbers cannot be negative"],
  ["a:80", 'parsing host port: invalid port number: strconv.Atoi: parsing "a": invalid syntax'],
  ["80-", "parsing container port: must provide ending number for port range"],
  ["90-80", "parsing container port: the end port of a range must be higher than the start port - 80 is not higher than 90"],
  ["8000-8001:80", "host and container port ranges have different lengths: 2 vs 1"],
])("-p %s is refused", (text, message) => expect(() => parsePort(text)).toThrow(message));

test("expose", () => {
  expect(parseExpose("80")).toEqual([{ port: 80, protocol: "tcp" }]);
  expect(parseExpose("53-54/udp")).toEqual([
    { port: 53, protocol: "udp" },
    { port: 54, protocol: "udp" },
  ]);
});

test("as ps prints it", () => {
  expect(parsePort("8080:80").map(formatPort)).toEqual(["0.0.0.0:8080->80/tcp"]);
  expect(parsePort("127.0.0.1:8000-8001:80-81/udp").map(formatPort)).toEqual(["127.0.0.1:8000-8001->80-81/udp"]);
});

describe("assigning", () => {
  const always = () => true;
  const published = (...texts: string[]) => ({ published: texts.flatMap(parsePort) });

  test("neighbours become ranges", () => {
    expect(assignPorts(published("8081:81", "8080:80", "9000:80"), always).map(short)).toEqual(["*:8080+2->80/tcp", "*:9000+1->80/tcp"]);
    expect(assignPorts(published("8080-8085:80-85", "8083-8087:83-87"), always).map(short)).toEqual(["*:8080+8->80/tcp"]);
    expect(assignPorts(published("8080:80", "8080:80/udp", "127.0.0.1:8080:80"), always)).toHaveLength(3);
  });

  test("one host port for two container ports is refused", () => {
    expect(() => assignPorts(published("8080:80", "8080:81"), always)).toThrow(
      "conflicting port mappings for host port 8080 (protocol tcp)",
    );
  });

  test("a free port is chosen where none was given", () => {
    const tried: number[] = [];
    const [mapping] = assignPorts(published("80"), (one) => tried.push(one.host_port) > 3);
    expect(mapping?.host_port).toBe(tried[3]);
    expect(mapping?.host_port).toBeGreaterThanOrEqual(32768);
    expect(() => assignPorts(published("80"), () => false)).toThrow("failed to find an open port to expose container port 80 on the host");
  });

  test("-P publishes what no -p covers", () => {
    const request = { ...published("8080-8081:80-81"), exposed: [...parseExpose("80-82"), ...parseExpose("80/udp")] };
    expect(assignPorts(request, always).map((one) => `${one.container_port}/${one.protocol}`)).toEqual(["80/tcp", "82/tcp", "80/udp"]);
  });
});
