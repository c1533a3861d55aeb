/**
 * Makes a network beside a bridge from which the only interface was taken away, as a program for the test to start in a network namespace of its own. Prints whether Node lists
 * the bridge, and the subnet that was taken.
 */
import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { openNetworkStore } from "../network-store.ts";

const directory = process.argv[2] ?? "";
const ip = (words: string): void => void execFileSync("ip", words.split(" "));
ip("link add idle type bridge");
ip("addr add 10.89.0.1/24 dev idle");
ip("link set idle up");
ip("link add one type veth peer name other");
ip("link set one master idle");
ip("link set one up");
ip("link del one");
// The kernel tells a moment later that nothing is connected.
for (const end = Date.now() + 10_000; networkInterfaces()["idle"] !== undefined && Date.now() < end; ) await Bun.sleep(20);

const network = openNetworkStore({ dir: `${directory}/networks`, leaseFile: `${directory}/ipam.db`, lockPath: `${directory}/lock` }).create(
  { name: "new", driver: "bridge" },
);
console.log(JSON.stringify({ listed: networkInterfaces()["idle"] !== undefined, subnet: network.subnets?.[0]?.subnet }));
