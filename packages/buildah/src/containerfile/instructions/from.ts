import { ToolError } from "@containers/common/errors/tool-error";
import type { InstructionNode } from "../parser/node.ts";
import type { Environment } from "../words/environment.ts";
import { expandWord } from "../words/expand.ts";
import { parseFlags } from "./flags.ts";

export interface FromInstruction {
  /** Image, earlier stage, or `scratch`. */
  readonly base: string;
  readonly stageName?: string;
  readonly platform?: string;
  readonly after?: string;
}

/** `FROM [--platform=…] base [AS name]`, with the variables that are known before the stage. */
export function parseFrom(node: InstructionNode, environment: Environment): FromInstruction {
  const [base, as, name] = node.args;
  if (base === undefined) throw new ToolError("invalid-argument", "FROM requires an argument: FROM <source> [AS <name>]");
  const named = node.args.length === 3 && as?.toLowerCase() === "as" && name !== "";
  if (node.args.length !== 1 && !named) {
    throw new ToolError("invalid-argument", "FROM requires either one argument, or three: FROM <source> [AS <name>]");
  }
  const flags = parseFlags(node.flags, environment, {
    values: ["platform", "after"],
    switches: [],
    refusal: "FROM only supports the --platform and --after flags",
  });
  const resolved = expandWord(base, environment);
  if (resolved === "")
    throw new ToolError("invalid-argument", `determining starting point for build: no FROM statement found: ${base} is empty`, {
      hint: "set the build argument that it uses",
    });
  return {
    base: resolved,
    ...(named && name !== undefined ? { stageName: expandWord(name, environment) } : {}),
    ...(flags.last("platform") === undefined ? {} : { platform: flags.last("platform") }),
    ...(flags.last("after") === undefined ? {} : { after: flags.last("after") }),
  };
}
