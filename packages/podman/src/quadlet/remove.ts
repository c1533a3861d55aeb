import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { UnitManager } from "@containers/common/cgroups/systemd-units";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import {
  connectToSystemd,
  findQuadlet,
  type QuadletScope,
  quadletPaths,
  readApplications,
  readList,
  requireInstallDirectory,
  serviceOfFile,
} from "./installed.ts";
import { kindOf } from "./kinds.ts";

export interface RemoveOptions {
  /** Stops what runs. */
  readonly force: boolean;
  readonly all: boolean;
  /** One that is not there is no error. */
  readonly ignore: boolean;
  readonly reload: boolean;
}

export interface RemoveReport {
  readonly name: string;
  readonly error?: Error;
}

/** Removes quadlets with all that was installed together with them; `.NAME.app` names such an application. One report per quadlet. */
export function removeQuadlets(scope: QuadletScope, names: readonly string[], options: RemoveOptions): RemoveReport[] {
  const directory = requireInstallDirectory(scope);
  const applications = readApplications(directory);
  const manager = connectToSystemd(scope);
  try {
    const chosen = options.all ? quadletPaths(scope).map((path) => ({ name: basename(path), path })) : choose(names, applications);
    const reports = chosen.map(({ name, path }): RemoveReport => {
      try {
        removeOne({ directory, manager, force: options.force }, path ?? findQuadlet(scope, name));
        return { name };
      } catch (error) {
        if (options.ignore && error instanceof ToolError && error.kind === "not-found") return { name };
        return { name, error: error instanceof Error ? error : new Error(String(error)) };
      }
    });
    removeRests(directory, { applications, gone: reports.flatMap(({ name, error }) => (error === undefined ? [name] : [])), names });
    if (options.reload) manager.reload();
    return reports;
  } finally {
    manager.close();
  }
}

/** The named ones, and the quadlets that came together with each. */
function choose(
  names: readonly string[],
  applications: ReadonlyMap<string, readonly string[]>,
): { readonly name: string; readonly path?: string }[] {
  const wanted = names.flatMap((name) => {
    const own = applications.get(name);
    if (own !== undefined) return own.filter((file) => kindOf(file) !== undefined);
    const siblings = [...applications.values()].find((files) => files.includes(name)) ?? [];
    return [name, ...siblings.filter((file) => file !== name && kindOf(file) !== undefined)];
  });
  if (wanted.length === 0) throw new ToolError("invalid-argument", "must provide at least 1 quadlet to remove");
  return [...new Set(wanted)].map((name) => ({ name }));
}

function removeOne({ directory, manager, force }: { directory: string; manager: UnitManager; force: boolean }, path: string): void {
  const name = basename(path);
  const service = serviceOfFile(path);
  const [state] = manager.states([service]);
  if (state?.load === "loaded" && state.active === "active") {
    if (!force) {
      throw new ToolError("invalid-state", `quadlet ${name} is running and force is not set, refusing to remove: quadlet is running`);
    }
    const result = manager.stop(service);
    if (result !== "done" && result !== "skipped") throw new ToolError("internal", `unable to stop quadlet ${name}: ${result}`);
  }
  const assets = join(directory, `.${name}.asset`);
  for (const asset of readList(assets)) rmSync(join(directory, asset), { force: true });
  rmSync(assets, { force: true });
  try {
    rmSync(path);
  } catch (error) {
    throw new ToolError("denied", `removing quadlet ${name}: ${describeError(error)}`);
  }
}

/** Files beside the quadlets, and the lists, of applications of which a quadlet has gone. */
function removeRests(
  directory: string,
  {
    applications,
    gone,
    names,
  }: { applications: ReadonlyMap<string, readonly string[]>; gone: readonly string[]; names: readonly string[] },
): void {
  for (const [list, files] of applications) {
    if (!names.includes(list) && !files.some((file) => gone.includes(file))) continue;
    for (const file of files) if (kindOf(file) === undefined) rmSync(join(directory, file), { force: true });
    rmSync(join(directory, list), { force: true });
  }
}
