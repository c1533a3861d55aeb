import { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import { localAddresses, parseLocalAddresses } from "./local-addresses.ts";
import { lackingFor, runInOwnNetwork } from "./testing/in-own-network.ts";

const TRIE = `Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.89.1.0/24 2 0 2
        |-- 10.89.1.0
           /24 link UNICAST
        |-- 10.89.1.1
           /32 host LOCAL
        |-- 10.89.1.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Main:
        |-- 10.89.1.1
           /32 host LOCAL
`;

it("the host's own addresses are told from those of networks and broadcasts", () => {
  expect(parseLocalAddresses(TRIE)).toEqual(["10.89.1.1"]);
  expect(parseLocalAddresses("")).toEqual([]);
});

it("every address that Node knows of is there", () => {
  const known = Object.values(networkInterfaces()).flatMap(
    (all) => all?.filter(({ family, internal }) => family === "IPv4" && !internal) ?? [],
  );
  expect(localAddresses()).toEqual(expect.arrayContaining(known.map(({ address }) => address)));
});

const lacking = lackingFor("ip");
it.skipIf(lacking.length > 0)(
  `a network does not take the subnet of a bridge to which nothing is connected (needs ${lacking.join(", ") || "nothing more"})`,
  () => {
    expect(runInOwnNetwork("./idle-bridge.ts")).toEqual({ listed: false, subnet: "10.89.1.0/24" });
  },
  60_000,
);
