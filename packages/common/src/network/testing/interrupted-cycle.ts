/**
 * Containers on a bridge whose podman or netavark was killed at some step, as a program for the test to start in network and mount namespaces of its own:
 * prints for each of the cases what the teardown said and what was left. Arguments: a directory for files.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { NetworkOptions } from "../backend.ts";
import { requireHelper } from "../helper-program.ts";
import { allocateLeases } from "../leases/leases.ts";
import { leaseFile } from "../netavark/backend.ts";
import { createNetns, removeNetns } from "../netns.ts";
import { openNetwork } from "../open-network.ts";
import { parsePort } from "../port-syntax.ts";
import { surroundings } from "./surroundings.ts";

const directory = process.argv[2] ?? "";
const programs = `${directory}/programs`;
mkdirSync("/run/netns", { recursive: true });
mkdirSync(programs);
const host = openNetwork({
  rootless: false,
  graphRoot: directory,
  runRoot: directory,
  configDir: `${directory}/networks`,
  helperDirs: [programs, "/usr/libexec/podman", "/usr/lib/podman"],
});
const network = host.store.create({ name: "net1" });
const options: NetworkOptions = {
  containerId: "a".repeat(64),
  containerName: "first",
  networks: { net1: { interfaceName: "eth0" } },
  portMappings: parsePort("8080:80"),
};
const run = (file: string, ...args: string[]) => execFileSync(file, args, { stdio: "ignore" });

/** What was done of the set-up, or of the teardown, before the kill. */
const cases: Readonly<Record<string, (path: string) => Promise<unknown> | unknown>> = {
  nothing: () => undefined,
  address: () => {
    allocateLeases(leaseFile(host.runDir), options.containerId, [{ network, options: { interfaceName: "eth0" } }]);
  },
  "address, and the namespace is gone": (path) => {
    allocateLeases(leaseFile(host.runDir), options.containerId, [{ network, options: { interfaceName: "eth0" } }]);
    removeNetns(path);
  },
  "all but the interface": async (path) => {
    await host.backend.setup(path, options);
    run("nsenter", `--net=${path}`, "ip", "link", "del", "eth0");
  },
  "all but the bridge": async (path) => {
    await host.backend.setup(path, options);
    run("ip", "link", "del", network.network_interface ?? "");
  },
  "all but the namespace": async (path) => {
    await host.backend.setup(path, options);
    removeNetns(path);
    // The kernel takes down a namespace's interfaces, with their other ends, when it comes to it.
    while (surroundings().interfaces.some((name) => name.startsWith("veth"))) await Bun.sleep(20);
  },
  "all but the firewall's rules": async (path) => {
    await host.backend.setup(path, options);
    run("nft", "flush", "ruleset");
  },
  "netavark, before its end": async (path) => {
    // In its place: does the work, and is killed before it can tell.
    writeFileSync(
      `${programs}/netavark`,
      `#!/bin/sh\ncase "$*" in *" setup "*) ${requireHelper("netavark")} "$@"; rm -f "$0"; kill -9 $$;; *) exec ${requireHelper("netavark")} "$@";; esac\n`,
      { mode: 0o755 },
    );
    await host.backend.setup(path, options).catch(() => undefined);
  },
};

const seen: Record<string, object> = {};
const before = surroundings();
for (const [name, interrupt] of Object.entries(cases)) {
  const path = createNetns();
  await interrupt(path);
  const said = await host.backend.teardown(path, options).then(
    () => "",
    (error: unknown) => String(error),
  );
  removeNetns(path);
  seen[name] = { said, left: surroundings() };
}
console.log(JSON.stringify({ before, seen }));
