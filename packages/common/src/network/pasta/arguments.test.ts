import { expect, test } from "vitest";
import { parsePort } from "../port-syntax.ts";
import { ofFamilies, pastaArguments } from "./arguments.ts";

const netnsPath = "/run/netns/n";

test("nothing asked for, everything off", () => {
  expect(pastaArguments({ netnsPath })).toEqual({
    args: "--config-net --dns-forward 169.254.1.1 -t none -u none -T none -U none --no-map-gw --quiet --netns /run/netns/n --map-guest-addr 169.254.1.2".split(
      " ",
    ),
    dnsForward: ["169.254.1.1"],
    mapGuest: ["169.254.1.2"],
  });
});

test("ports", () => {
  const ports = ["8080:80", "127.0.0.1:53:5353/udp", "[::1]:8000-8001:80-81"].flatMap(parsePort);
  const { args } = pastaArguments({ netnsPath, ports });
  expect(args.join(" ")).toContain("-t 8080-8080:80-80 -u 127.0.0.1/53-53:5353-5353 -t ::1/8000-8001:80-81 ");
  expect(args.join(" ")).not.toContain("-t none");
  expect(() => pastaArguments({ netnsPath, ports: parsePort("80:80/sctp") })).toThrow("can't forward protocol: sctp");
});

test("the user's options switch our defaults off", () => {
  const { args, dnsForward, mapGuest } = pastaArguments({
    netnsPath,
    options: ["--map-gw", "-T", "auto", "--dns-forward", "10.0.0.9", "--map-guest-addr", "10.0.0.8", "-d"],
  });
  expect(args.join(" ")).toBe(
    "--config-net -T auto --dns-forward 10.0.0.9 --map-guest-addr 10.0.0.8 -d -t none -u none -U none --netns /run/netns/n",
  );
  expect([dnsForward, mapGuest]).toEqual([["10.0.0.9"], ["10.0.0.8"]]);
});

test("versions without --map-guest-addr", () => {
  const { args, mapGuest } = pastaArguments({ netnsPath }, false);
  expect(args).not.toContain("--map-guest-addr");
  expect(mapGuest).toEqual([]);
});

test("addresses of families that are there", () => {
  expect(ofFamilies(["169.254.1.1", "fd00::1"], { ipv4: true, ipv6: false })).toEqual(["169.254.1.1"]);
});
