import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { NetworkOptions } from "@containers/common/network/backend";
import { afterEach, beforeEach, expect, it } from "vitest";
import { refreshLocked } from "../containers/lifecycle/refresh.ts";
import { INITIAL_STATE } from "../containers/state.ts";
import { containerConfig } from "../containers/testing/container-config.ts";
import type { Engine } from "../engine/engine.ts";
import { memoryLocks } from "../locks/memory-locks.ts";
import { bootId, processStartTime } from "../monitor/process-identity.ts";
import { memoryState } from "../state/memory/memory-state.ts";
import { connectContainer, disconnectContainer } from "./connect.ts";

const plain = containerConfig();
const attachment = { interfaceName: "eth0", aliases: [], staticIps: [], options: {} };
let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(`${tmpdir()}/unfinished-`);
  writeFileSync(`${runDir}/hosts`, "");
});
afterEach(() => rmSync(runDir, { recursive: true }));

/** An engine whose container runs on the network `first`; in the middle of a set-up or teardown of a network its process is killed, the first time. */
function killedEngine(): { readonly engine: Engine; readonly calls: string[] } {
  const calls: string[] = [];
  let killed = false;
  const call = (verb: string) => async (_: string, options: NetworkOptions) => {
    calls.push(`${verb} ${Object.keys(options.networks).join()}`);
    if (killed) return {};
    killed = true;
    // Nothing of what the killed process would do next is done.
    return new Promise<never>(() => undefined);
  };
  const state = memoryState();
  const engine = {
    state,
    locks: memoryLocks(),
    rootless: false,
    networks: { get: (name: string) => ({ name }) },
    network: { setup: call("setup"), teardown: call("teardown") },
    events: { write: () => undefined },
    warn: (message: string) => calls.push(message),
  } as unknown as Engine;
  const network = { ...plain.network, mode: { kind: "bridge" as const }, networks: { first: attachment } };
  const running = { status: "running" as const, pid: process.pid, pidStartTime: processStartTime(process.pid), conmonPid: process.pid };
  const run = { bootId: bootId(), needsCleanup: true, netnsPath: `${runDir}/netns`, networkStatus: { first: { interfaces: {} } } };
  state.containers.insert({ config: containerConfig({ runDir, network }), state: { ...INITIAL_STATE, ...running, ...run } });
  return { engine, calls };
}

/** The container as the next command finds it, and makes it. */
async function find(engine: Engine) {
  const found = engine.state.containers.get(plain.id);
  if (found === undefined) throw new Error("the container has gone");
  const { config, state } = await refreshLocked(engine, found);
  return { networks: Object.keys(config.network.networks), change: state.networkChange };
}

it.each([
  { deed: "connect", act: connectContainer, network: "second", begun: "setup second", after: ["first"] },
  { deed: "disconnect", act: disconnectContainer, network: "first", begun: "teardown first", after: [] },
])("a network whose $deed was cut off is taken down by the next command, once", async ({ act, network, begun, after }) => {
  const { engine, calls } = killedEngine();
  void act(engine, network, plain.id);
  await expect.poll(() => calls, { timeout: 10_000 }).toEqual([begun]);
  expect(await find(engine)).toEqual({ networks: after, change: undefined });
  expect(calls).toEqual([begun, `teardown ${network}`]);
  expect(await find(engine)).toEqual({ networks: after, change: undefined });
  expect(calls).toHaveLength(2);
});
