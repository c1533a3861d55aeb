/**
 * One life of two containers on a bridge, as a program for the test to start in network and mount namespaces of its own. Prints
 * what it saw as JSON. Arguments: a directory for files.
 */
import { createSocket } from "node:dgram";
import { mkdirSync } from "node:fs";
import type { NetworkOptions } from "../backend.ts";
import { createNetns, removeNetns } from "../netns.ts";
import { openNetwork } from "../open-network.ts";
import { parsePort } from "../port-syntax.ts";
import { surroundings } from "./surroundings.ts";

const directory = process.argv[2] ?? "";
mkdirSync("/run/netns", { recursive: true });
const host = openNetwork({ rootless: false, graphRoot: directory, runRoot: directory, configDir: `${directory}/networks` });
const network = host.store.create({ name: "net1" });
const gateway = network.subnets?.[0]?.gateway ?? "";

const before = surroundings();
const first = await start("first", "a");
const second = await start("second", "b", "8080:80");
const clash = await start("third", "c", "8080:80").then(
  () => "none",
  (error: unknown) => String(error),
);
const answers = await Promise.all(["first", "second.dns.podman", "a-alias"].map((name) => lookUp(name)));
const during = surroundings();
for (const { path, options } of [first, second]) {
  await host.backend.teardown(path, options);
  // Twice: a clean-up may be repeated after a kill.
  await host.backend.teardown(path, options);
  removeNetns(path);
}
host.store.remove("net1");
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify({ answers, clash, statuses: [first.status, second.status], before, during, after: surroundings() }));

async function start(name: string, letter: string, ...ports: string[]) {
  const path = createNetns();
  const options: NetworkOptions = {
    containerId: letter.repeat(64),
    containerName: name,
    networks: { net1: { interfaceName: "eth0", aliases: [`${letter}-alias`], ...(letter === "c" ? { staticIps: ["10.200.0.1"] } : {}) } },
    portMappings: ports.flatMap(parsePort),
  };
  try {
    return { path, options, status: await host.backend.setup(path, options) };
  } catch (error) {
    removeNetns(path);
    throw error;
  }
}

/** What the server says once it has read what netavark wrote for it, a signal after the container was connected. */
async function lookUp(name: string): Promise<string> {
  for (const limit = Date.now() + 20_000; ; await Bun.sleep(50)) {
    const answer = await ask(name);
    if ((answer !== "no such name" && answer !== "no answer") || Date.now() > limit) return answer;
  }
}

/** An A query to the network's own server, from the host's side of the bridge. */
function ask(name: string): Promise<string> {
  const socket = createSocket("udp4");
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const query = Buffer.concat([Buffer.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), ...labels, Buffer.of(0, 0, 1, 0, 1)]);
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish("no answer"), 2000);
    const finish = (answer: string) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    socket.on("error", (error) => finish(error.message));
    socket.on("message", (answer) => finish((answer.readUInt8(3) & 15) === 0 ? [...answer.subarray(-4)].join(".") : "no such name"));
    socket.send(query, 53, gateway);
  });
}
