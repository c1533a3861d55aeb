import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerFinder } from "../containers/listing/finder.ts";

/** Milliseconds between two looks. */
const PAUSE = 50;

/**
 * `exec --wait`: until the container is there and runs, or the seconds are over. One that is there and does not run is left to the command,
 * which knows what to say of it.
 *
 * @throws ToolError unavailable when there is no such container by then
 */
export async function waitToExec(finder: ContainerFinder, reference: string, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  let seen = false;
  while (Date.now() < end) {
    const id = await finder.idOf(reference);
    seen = id !== undefined;
    if (id !== undefined && (await finder.list({ status: ["running"] })).some((one) => one.id === id)) return;
    await delay(PAUSE);
  }
  if (!seen) throw new ToolError("unavailable", `timed out waiting for container: ${reference}`);
}
