import { readdirSync } from "node:fs";
import type { Completion, CompletionRequest } from "@containers/common/cli/completion/completion-source";
import { directives } from "@containers/common/cli/completion/completion-source";
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_PATH, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { openPlace } from "../../containers/copy/place.ts";
import { mountContainer, unmountContainers } from "../../containers/mount.ts";
import type { Engine } from "../../engine/engine.ts";

/** Paths inside of an image (`run IMAGE …`) or a container (`cp NAME:…`); undefined where the words mean files of this machine. */
export async function pathsInRoot(engine: Engine, { commandPath, args, typed }: CompletionRequest): Promise<Completion | undefined> {
  const command = commandPath.split(" ").at(-1);
  const [, name = "", path = ""] = /^([^/.:][^/:]*):(.*)$/s.exec(typed) ?? [];
  if (command === "cp" && name !== "") return inContainer(engine, name, path);
  const [image] = args;
  if ((command === "run" || command === "create") && image !== undefined) return inImage(engine, image, typed);
  return undefined;
}

async function inContainer(engine: Engine, name: string, path: string): Promise<Completion> {
  const mounted = await mountContainer(engine, name);
  try {
    return completion(pathsBelow(engine.sys, mounted.path, path).map((found) => `${name}:${found}`));
  } finally {
    await unmountContainers(engine, [mounted.id], false);
  }
}

async function inImage(engine: Engine, image: string, path: string): Promise<Completion | undefined> {
  const { mountImages, unmountImages } = await import("@containers/image/local-images/mount");
  const [mounted] = mountImages(engine.images, [image]);
  if (mounted === undefined) return undefined;
  try {
    return completion(pathsBelow(engine.sys, mounted.path, path));
  } finally {
    unmountImages(engine.images, [mounted.id]);
  }
}

function completion(paths: readonly string[]): Completion {
  return { candidates: paths.map((value) => ({ value })), directive: directives.noSpace | directives.noFiles };
}

/** What `typed` may become as a path in a directory that counts as `/`; directories end in a slash. No link leads out of it. */
export function pathsBelow(sys: Sys, directory: string, typed: string): string[] {
  const fd = sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    const whole = typed === "" || typed.endsWith("/") ? undefined : entriesOf(sys, fd, `${typed}/`);
    if (whole !== undefined) return whole.length === 0 ? [`${typed}/`] : whole;
    const parent = typed === "" ? "/" : typed.slice(0, typed.lastIndexOf("/") + 1);
    const found = entriesOf(sys, fd, parent) ?? [];
    return found.length === 0 && parent === typed ? [typed] : found.filter((path) => path.startsWith(typed));
  } finally {
    sys.close(fd);
  }
}

/** Everything in a directory, under the name that it was asked for by; undefined when it is none. */
function entriesOf(sys: Sys, root: number, path: string): string[] | undefined {
  let fd: number;
  try {
    fd = openPlace(sys, { fd: root }, path === "" ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } catch {
    return undefined;
  }
  try {
    const entries = readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true });
    return entries.map((entry) => `${path}${entry.name}${entry.isDirectory() ? "/" : ""}`).sort();
  } finally {
    sys.close(fd);
  }
}
