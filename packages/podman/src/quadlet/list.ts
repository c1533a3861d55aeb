import { basename } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import {
  connectToSystemd,
  type QuadletScope,
  quadletPaths,
  readApplications,
  requireInstallDirectory,
  serviceOfFile,
} from "./installed.ts";

/** A quadlet and how its service stands; the original's keys. */
export interface QuadletRow {
  readonly Name: string;
  readonly UnitName: string;
  readonly Path: string;
  /** `active/running`, `Not loaded`, or what is wrong with the file. */
  readonly Status: string;
  /** The list of files that it was installed with. */
  readonly App: string;
}

/** Every quadlet of the caller's whose name fits one of the patterns; all without any. */
export function listQuadlets(scope: QuadletScope, filters: readonly string[]): QuadletRow[] {
  const patterns = filters.map(namePattern);
  const applications = [...readApplications(requireInstallDirectory(scope))];
  const manager = connectToSystemd(scope);
  try {
    const found = quadletPaths(scope).map((path) => ({ path, ...serviceOrError(path) }));
    const states = new Map(manager.states(found.flatMap(({ service }) => service ?? [])).map((state) => [state.name, state]));
    return found
      .map(({ path, service = "", error }) => {
        const state = states.get(service);
        const status = state?.load === "loaded" ? `${state.active}/${state.sub}` : "Not loaded";
        const app = applications.find(([, files]) => files.includes(basename(path)))?.[0] ?? "";
        return { Name: basename(path), UnitName: service, Path: path, Status: error ?? status, App: app };
      })
      .filter(({ Name }) => patterns.length === 0 || patterns.some((pattern) => pattern.test(Name)));
  } finally {
    manager.close();
  }
}

function serviceOrError(path: string): { readonly service?: string; readonly error?: string } {
  try {
    return { service: serviceOfFile(path) };
  } catch (error) {
    return { error: `parsing Quadlet file ${path}: ${describeError(error)}` };
  }
}

function namePattern(filter: string): RegExp {
  const equals = filter.indexOf("=");
  if (equals < 0) throw new ToolError("invalid-argument", `invalid filter ${JSON.stringify(filter)}`);
  const key = filter.slice(0, equals);
  if (key !== "name") throw new ToolError("invalid-argument", `${key} is not a valid filter`);
  return new RegExp(filter.slice(equals + 1));
}
