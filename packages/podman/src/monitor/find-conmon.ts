import { accessSync, constants } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";

export interface ConmonProgram {
  readonly path: string;
  /** The one that came with this program: it knows a few options more. */
  readonly isOwn: boolean;
}

/** Where a conmon may be when neither the user nor containers.conf says and none stands beside this program. */
const USUAL_PATHS = [
  "/usr/libexec/podman/conmon",
  "/usr/local/libexec/podman/conmon",
  "/usr/bin/conmon",
  "/usr/sbin/conmon",
  "/usr/local/bin/conmon",
];

/** The monitor to use: `--conmon`, then containers.conf's `conmon_path`, the one beside this program, then the usual places. */
export function findConmon(choice: { readonly flag?: string; readonly configured: readonly string[] }): ConmonProgram {
  if (choice.flag !== undefined && choice.flag !== "") {
    if (!isExecutable(choice.flag)) throw missing(choice.flag);
    return { path: choice.flag, isOwn: choice.flag === ownConmon() };
  }
  const own = ownConmon();
  const path = [...choice.configured, own, ...USUAL_PATHS].find((candidate) => candidate !== undefined && isExecutable(candidate));
  if (path === undefined) throw missing("conmon");
  return { path, isOwn: path === own };
}

/** conmon beside this executable; undefined when run from source, where that place holds the runtime's own tools. */
function ownConmon(): string | undefined {
  return basename(process.execPath).startsWith("bun") ? undefined : join(dirname(process.execPath), "conmon");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(name: string): ToolError {
  return new ToolError("unavailable", `could not find a working conmon binary (${name})`, {
    hint: "install the package conmon",
    code: "conmon-missing",
  });
}
