import { type ErrorKind, ToolError } from "../errors/tool-error.ts";

/** What a program answers with when it failed itself, as opposed to the command it ran. */
const failureCode: Readonly<Record<string, number>> = { podman: 125, buildah: 125, skopeo: 1, conmon: 1 };

const kindCode: Readonly<Record<string, Partial<Readonly<Record<ErrorKind, number>>>>> = {
  podman: { cancelled: 130 },
  buildah: { cancelled: 130 },
  skopeo: { cancelled: 130 },
};

/** The exit code for an error: the one the command asked for, else what the kind means for this program. */
export function exitCodeFor(program: string, error: unknown): number {
  const general = failureCode[program] ?? 125;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof ToolError)) continue;
    if (at.exitCode !== undefined) return at.exitCode;
    const code = kindCode[program]?.[at.kind];
    if (code !== undefined) return code;
  }
  return general;
}
