import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { AttachStreams, RunOptions, RunResult } from "../../containers/options.ts";
import { deleteJson, getJson, post, type Service, segment } from "../service.ts";
import { record, text } from "../wire.ts";
import { attachContainer, joinContainer } from "./attach.ts";
import type { NewContainer } from "./create.ts";
import { createContainer } from "./create.ts";
import { containerPath, waitForExit } from "./deeds.ts";
import { withStartExitCode } from "./start-error.ts";

/** Makes a container, starts it and, unless detached, stays joined to it until it ends or the user detaches. */
export async function runContainer(service: Service, wanted: NewContainer, options: RunOptions): Promise<RunResult> {
  const id = await createContainer(service, wanted);
  options.onCreated?.(id);
  const remove = async (): Promise<void> => {
    if (wanted.spec.remove === true) await removeQuietly(service, id);
  };
  try {
    if (options.attach === undefined) {
      await withStartExitCode(() => post(service, containerPath(id, "start"), { recursive: true }));
      return { id };
    }
    const exitCode = await startAttached(service, id, options.attach);
    if (exitCode === undefined) return { id };
    await remove();
    return { id, exitCode };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Joins a container, starts it, and waits for its end: the exit code, or undefined when the user detached. */
async function startAttached(service: Service, reference: string, streams: AttachStreams): Promise<number | undefined> {
  const found = record(await getJson(service, containerPath(reference, "json")));
  const id = text(found["Id"]);
  const joined = await withStartExitCode(() => joinContainer(service, found, streams));
  try {
    await withStartExitCode(() => post(service, containerPath(id, "start")));
  } catch (error) {
    joined.close();
    throw error;
  }
  // Asked at once: a container with --rm is gone when its output has ended.
  const exit = waitForExit(service, id);
  exit.catch(() => undefined);
  return (await joined.run()) === "detached" ? undefined : exit;
}

/** The service removes it too, and may be first. */
async function removeQuietly(service: Service, id: string): Promise<void> {
  try {
    await deleteJson(service, `/containers/${segment(id)}`, { v: true, force: false });
  } catch (error) {
    if (!isErrorOfKind(error, "not-found") && !isErrorOfKind(error, "invalid-state") && !isErrorOfKind(error, "internal")) throw error;
  }
}

/** `start --attach`: joins one that runs already, and starts any other. */
export async function startOrAttach(service: Service, reference: string, streams: AttachStreams): Promise<number | undefined> {
  const found = record(await getJson(service, containerPath(reference, "json")));
  return text(record(found["State"])["Status"]) === "running"
    ? attachContainer(service, reference, streams)
    : startAttached(service, reference, streams);
}
