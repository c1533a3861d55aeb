import { setTimeout as delay } from "node:timers/promises";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import { withContainerLock } from "../../locks/with-container-lock.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import { isAlive } from "../../monitor/process-identity.ts";
import { notifyWhenHealthy } from "../../systemd/notify.ts";
import { type AttachSession, openAttachSession } from "../attach/attach-session.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { createContainer } from "../creation/create.ts";
import type { AttachStreams, RunOptions, RunResult } from "../options.ts";
import { removeContainers } from "../removal/remove.ts";
import { afterEndInPod, cleanupLocked } from "./cleanup.ts";
import { makeLease } from "./exit-lease.ts";
import { type InitOptions, initContainer } from "./init.ts";
import { refreshLocked } from "./refresh.ts";
import { signalContainer } from "./signal-container.ts";
import { startDependencies, startLocked, startReady } from "./start.ts";

/** `podman run`: make, start, and, unless detached, stay with it to its end. A container that cannot be started is removed when it has --rm. */
export async function runContainer(engine: Engine, spec: ContainerSpec, options: RunOptions = {}): Promise<RunResult> {
  const { config } = await createContainer(engine, spec);
  options.onCreated?.(config.id);
  try {
    const passed = options.passed === undefined ? {} : { passed: options.passed };
    if (options.attach !== undefined)
      return { id: config.id, ...(await startAttached(engine, config.id, { ...options.attach, ...passed })) };
    await withContainerLock(engine, config.id, (container) => startLocked(engine, container, passed));
    await notifyWhenHealthy(engine, config);
    return { id: config.id };
  } catch (error) {
    if (config.autoRemove) await removeContainers(engine, [config.id], { force: true, volumes: true, ignore: true, timeout: 0 });
    throw error;
  }
}

/** Starts a container with this process's streams joined to it and waits for its end; no exit code when the user detached. */
export async function startAttached(
  engine: Engine,
  id: string,
  streams: AttachStreams & Pick<InitOptions, "passed">,
): Promise<{ readonly exitCode?: number }> {
  const lease = makeLease(engine, id);
  const passed = streams.passed === undefined ? {} : { passed: streams.passed };
  try {
    const { running, session } = await withContainerLock(engine, id, (container) =>
      startWithSession(engine, container, { streams, ...passed, ...(lease === undefined ? {} : { lease }) }),
    );
    engine.events.write(containerEvent(running.config, "attach"));
    notifyWhenHealthy(engine, running.config).catch(engine.warn);
    if ((await session.run()) === "detached") return {};
    const exitCode = await waitForExit(engine, running);
    await cleanUpNow(engine, running);
    return { exitCode };
  } finally {
    lease?.release();
  }
}

async function startWithSession(engine: Engine, stale: Container, options: { readonly streams: AttachStreams } & InitOptions) {
  const container = await refreshLocked(engine, stale);
  await startDependencies(engine, container);
  const ready = container.state.status === "created" ? container : await initContainer(engine, container, options);
  const session = await openSession(engine, ready, options.streams);
  try {
    return { running: await startReady(engine, ready), session };
  } catch (error) {
    session.close();
    await cleanupLocked(engine, ready, {});
    throw error;
  }
}

/** With the passthrough drivers the container has this process's own streams, and there is nothing to be joined. */
async function openSession(engine: Engine, ready: Container, streams: AttachStreams): Promise<AttachSession> {
  if (ready.config.log.driver.startsWith("passthrough")) return { run: async () => "ended", close: () => undefined };
  return openAttachSession(engine.sys, ready.config.staticDir, {
    streams,
    tty: ready.config.tty,
    detachKeys: engine.defaults.detachKeys,
    deliver: (signal) => void signalContainer(engine, ready, signal),
  });
}

/** The exit code, from the monitor's file or from whoever has read that already. Output ends a moment before it is there. */
export async function waitForExit(engine: Pick<Engine, "state" | "paths">, { config, state }: Container): Promise<number> {
  for (let pause = 0.5; ; pause = Math.min(pause * 2, 20)) {
    const code = readExitFile(engine.paths.exitsDir, config.id)?.exitCode ?? engine.state.exitCodes.get(config.id);
    if (code !== undefined) return code;
    if (!isAlive(state.conmonPid))
      return readExitFile(engine.paths.exitsDir, config.id)?.exitCode ?? engine.state.exitCodes.get(config.id) ?? -1;
    await delay(pause);
  }
}

/** The clean-up that the monitor's exit command would do, here and now: the command returns when all is done. */
async function cleanUpNow(engine: Engine, { config }: Container): Promise<void> {
  try {
    await withContainerLock(engine, config.id, (container) => cleanupLocked(engine, container, {}));
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
  }
  await afterEndInPod(engine, config);
}
