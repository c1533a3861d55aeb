import type { ContainerConfig } from "../containers/config.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { requireSignal } from "./require-signal.ts";
import type { ImageFacts } from "./settle-context.ts";

const SIGRTMIN_3 = 37;

/** ENTRYPOINT and CMD: an entrypoint of the user's drops the image's CMD; words after the image replace it. */
export function settleProcess(
  spec: ContainerSpec,
  image: ImageFacts | undefined,
): Pick<ContainerConfig, "process" | "entrypoint" | "command"> {
  const entrypoint = (spec.entrypoint ?? image?.config.Entrypoint ?? []).filter((word, _, all) => all.length > 1 || word !== "");
  const given = spec.command ?? [];
  const command = given.length > 0 || spec.entrypoint !== undefined ? given : (image?.config.Cmd ?? []);
  const process = [...entrypoint, ...command];
  // The runtime says, when it is started, that there is no such command.
  if (process.length === 0) return { process: [""], entrypoint: [], command: [] };
  return { process, entrypoint, command };
}

export function settleStopSignal(text: string | undefined, systemd: boolean): number {
  // systemd takes SIGTERM as the wish to be executed anew; this one makes it shut down.
  if (text === undefined || text === "") return systemd ? SIGRTMIN_3 : 15;
  return requireSignal(text);
}

/** systemd inside: asked for, or guessed from the command. */
export function settleSystemd(spec: ContainerSpec, process: readonly string[]): boolean {
  if (spec.systemd === "always") return true;
  if (spec.systemd === "false") return false;
  const program = process[0] ?? "";
  return /^(\/usr)?\/(lib\/systemd\/systemd|sbin\/init|local\/sbin\/init)$/.test(program) || program === "systemd";
}
