import { existsSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { userPaths } from "../fs/xdg-paths.ts";
import { isRootless } from "../rootless/rootless.ts";

export interface ModulePlaces {
  /** Stands before system paths, for tests. */
  readonly systemRoot?: string;
  readonly rootless?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The file that `--module` means: a path, or a name below `containers.conf.modules` (containers.conf(5)).
 *
 * @throws not-found, with the exit code 1, as the original has it
 */
export function findModule(module: string, { systemRoot = "", rootless = isRootless(), env = process.env }: ModulePlaces = {}): string {
  const below = "containers/containers.conf.modules";
  const directories = [
    ...(rootless ? [`${userPaths(env).configHome}/${below}`] : []),
    `${systemRoot}/etc/${below}`,
    `${systemRoot}/usr/share/${below}`,
  ];
  const places = module.startsWith("/") ? [module] : directories.map((directory) => `${directory}/${module}`);
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const reasons = places.map((path) => `faccessat ${path}: no such file or directory`);
  const said =
    reasons.length === 1 ? (reasons[0] ?? "") : `${reasons.length} errors occurred:\n${reasons.map((one) => `\t* ${one}\n`).join("")}\n`;
  const message = `Failed to obtain podman configuration: could not resolve module ${JSON.stringify(module)}: ${said}`;
  throw new ToolError("not-found", message, { code: "bare", exitCode: 1 });
}
