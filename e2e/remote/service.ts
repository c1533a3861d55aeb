import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildBaseImage } from "../harness/base-image.ts";
import { originalPath, toolPath } from "../harness/binaries.ts";
import { spawnCommand } from "../harness/run-command.ts";
import { untilListening } from "../harness/until-listening.ts";
import { createWorld, type World } from "../harness/world.ts";

export interface RunningService {
  /** `unix://…`. */
  readonly uri: string;
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts the API service of a podman, ours or another, on a socket in the world. */
export async function startService(world: World, program: string = toolPath("podman")): Promise<RunningService> {
  const socket = join(world.directory, "run", "service.sock");
  rmSync(socket, { force: true });
  const [file, args] = world.asUser(program, ["system", "service", "--time=0", `unix://${socket}`]);
  const child = spawnCommand(file, args, { cwd: world.directory, env: world.env, timeout: 300_000 });
  await untilListening(socket);
  return {
    uri: `unix://${socket}`,
    socket,
    async stop() {
      child.kill("SIGTERM");
      await child;
    },
  };
}

/** The original lets the monitor of an API's exec session wait five minutes for whoever asks how it ended: those of the world are ended. */
export function endWaitingMonitors(world: World): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let command = "";
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      // It has ended meanwhile.
    }
    if (command.includes(world.directory) && command.includes("--exit-delay")) process.kill(Number(pid), "SIGKILL");
  }
}

const original = originalPath("podman");
const ours = toolPath("podman");

/** Who speaks to whom; what is undefined is not installed here. */
export const remotePairs = [
  { title: "our client, our service", client: ours, service: ours },
  { title: "our client, the original's service (needs podman)", client: ours, service: original },
  { title: "the original's client, our service (needs podman)", client: original, service: ours },
];

/** A world in which either program runs: where root lacks CAP_SYS_RESOURCE the original fails on its own default limits. */
export async function createRemoteWorld(): Promise<World> {
  const world = await createWorld({ containersConf: '[containers]\ndefault_ulimits = ["nofile=1024:1024","nproc=1024:1024"]\n' });
  await buildBaseImage(world);
  return world;
}
