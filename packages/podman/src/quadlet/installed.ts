import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { openUnitManager, type UnitManager } from "@containers/common/cgroups/systemd-units";
import { ToolError } from "@containers/common/errors/tool-error";
import { rootlessUid } from "@containers/common/rootless/rootless";
import { linuxSys } from "@containers/common/sys/linux";
import { parseUnitFile } from "../systemd/unit-file.ts";
import { extensionOf, kindOf } from "./kinds.ts";
import { installDirectory, searchDirectories } from "./search-directories.ts";
import { serviceFileOf } from "./unit-names.ts";

/** Whose quadlets are meant: the machine's, or the caller's own. */
export interface QuadletScope {
  readonly user: boolean;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warn: (text: string) => void;
}

/** Quadlets of the one who calls, also from within the user namespace of the API service. */
export function callersScope(warn: (text: string) => void): QuadletScope {
  const uid = rootlessUid(process.env);
  return { user: uid !== 0, uid, env: process.env, warn };
}

/** @throws unavailable where no systemd serves the caller */
export function connectToSystemd(scope: QuadletScope): UnitManager {
  try {
    return openUnitManager(linuxSys(), managerSocket(scope.user, scope.env["XDG_RUNTIME_DIR"]));
  } catch (cause) {
    throw new ToolError("unavailable", "connecting to systemd dbus", { cause });
  }
}

/** @throws invalid-state without a home */
export function requireInstallDirectory(scope: QuadletScope): string {
  const directory = installDirectory(scope);
  if (directory === undefined) throw new ToolError("invalid-state", "neither $XDG_CONFIG_HOME nor $HOME are defined");
  return directory;
}

/** Paths of all quadlets that the generator would find. */
export function quadletPaths(scope: QuadletScope): string[] {
  return searchDirectories(scope).flatMap((directory) =>
    namesIn(directory)
      .filter((name) => kindOf(name) !== undefined)
      .map((name) => join(directory, name)),
  );
}

/** @throws invalid-argument for a name that is no quadlet's, not-found */
export function findQuadlet(scope: QuadletScope, name: string): string {
  if (kindOf(name) === undefined)
    throw new ToolError("invalid-argument", `${JSON.stringify(extensionOf(name))} is not a supported quadlet file type`);
  const found = searchDirectories(scope)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ToolError("not-found", `could not locate quadlet ${JSON.stringify(name)} in any supported quadlet directory: no such quadlet`, {
    exitCode: 125,
  });
}

/** The service that a quadlet's file becomes; throws for a broken file. */
export function serviceOfFile(path: string): string {
  const unit = parseUnitFile(readFileSync(path, "utf8"), path);
  const kind = kindOf(unit.name);
  if (kind === undefined) throw new ToolError("invalid-argument", `unsupported file type ${JSON.stringify(unit.name)}`);
  return serviceFileOf(unit, kind);
}

/** Files that were installed together: names by that of the file `.NAME.app` which lists them. */
export function readApplications(directory: string): Map<string, string[]> {
  const lists = namesIn(directory).filter((name) => name.startsWith(".") && name.endsWith(".app"));
  return new Map(lists.map((name) => [name, readList(join(directory, name))]));
}

/** Lines of a list; one with a path is not ours to follow. */
export function readList(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.includes("/"));
  } catch {
    return [];
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
