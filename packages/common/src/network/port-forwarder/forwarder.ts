import { closeSync, openSync, writeSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { ToolError } from "../../errors/tool-error.ts";
import { CLONE_NEWNET } from "../../sys/constants.ts";
import type { Sys } from "../../sys/sys.ts";
import { errnoCode } from "../../sys/sys-error.ts";
import { isNetns } from "../netns.ts";
import type { PortMapping } from "../port-mapping.ts";
import { READY_FD } from "./ready-fd.ts";
import { forwardUdp } from "./udp.ts";

/** What the process is told, as JSON in its last argument. */
export interface ForwarderJob {
  readonly netnsPath: string;
  /** The container's address in its namespace. */
  readonly target: string;
  readonly ports: readonly PortMapping[];
}

const CHECK_INTERVAL_MS = 10_000;

/**
 * The re-entry point `port-forwarder CONTAINER JOB`: carries an ordinary user's published ports from the host to a container on a
 * bridge. The listening sockets are made first and stay in the host's network namespace; then the thread moves to the container's, so
 * that every connection it makes later starts there. Ends by SIGTERM, or by itself once the namespace is gone.
 */
export async function runPortForwarder(sys: Sys, args: readonly string[]): Promise<number> {
  const job = JSON.parse(args[1] ?? "") as ForwarderJob;
  for (const port of job.ports) {
    for (let offset = 0; offset < port.range; offset++) {
      try {
        await listen(job.target, port, offset);
      } catch (error) {
        say(`${errnoCode(error) ?? "failed"} ${port.protocol} ${port.host_ip || "0.0.0.0"} ${port.host_port + offset}`);
        return 1;
      }
    }
  }
  const netns = openSync(job.netnsPath, "r");
  sys.setns(netns, CLONE_NEWNET);
  closeSync(netns);
  say("ok");
  await new Promise<void>((resolve) => {
    setInterval(() => {
      if (!isNetns(job.netnsPath, sys)) resolve();
    }, CHECK_INTERVAL_MS);
  });
  return 0;
}

function listen(target: string, port: PortMapping, offset: number): Promise<void> {
  const to = { host: target, port: port.container_port + offset };
  // Without an address: all of both families, where the host has both.
  const from = { host: port.host_ip === "" ? undefined : port.host_ip, port: port.host_port + offset };
  if (port.protocol === "udp") return forwardUdp(from, to);
  if (port.protocol === "sctp") throw new ToolError("unsupported", "can't forward protocol: sctp");
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, (client) => join(client, connect({ ...to, allowHalfOpen: true })));
    server.once("error", reject);
    server.listen(from, () => {
      server.off("error", reject);
      // Too many open files and the like: this connection fails, the others go on.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

/** Both directions, each with the other's back-pressure; what ends on one side ends on the other. */
function join(client: Socket, container: Socket): void {
  const end = () => {
    client.destroy();
    container.destroy();
  };
  client.on("error", end);
  container.on("error", end);
  client.pipe(container);
  container.pipe(client);
}

function say(word: string): void {
  writeSync(READY_FD, word);
  closeSync(READY_FD);
}
