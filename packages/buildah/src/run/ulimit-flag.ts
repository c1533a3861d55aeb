import { ToolError } from "@containers/common/errors/tool-error";
import type { Ulimit } from "@containers/common/spec-builder/ulimits";

/** `--ulimit nofile=1024[:2048]`; -1 is no limit. */
export function parseUlimit(text: string): Ulimit {
  if (text === "host") return { name: "host", soft: -1, hard: -1 };
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw new ToolError("invalid-argument", `invalid ulimit argument: ${text}`);
  const soft = Number(match[2]);
  const hard = match[3] === undefined ? soft : Number(match[3]);
  if (hard !== -1 && soft > hard)
    throw new ToolError("invalid-argument", `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { name: match[1] ?? "", soft, hard };
}
