import { ToolError } from "@containers/common/errors/tool-error";
import type { Environment } from "../words/environment.ts";
import { expandWord } from "../words/expand.ts";

export interface InstructionFlags {
  /** `--name=value`, in order; a bare `--name` has the value undefined. */
  readonly given: ReadonlyArray<{ readonly name: string; readonly value: string | undefined }>;
  last(name: string): string | undefined;
  all(name: string): readonly string[];
  isSet(name: string): boolean;
}

export interface FlagRules {
  /** Flags with a value that must not be empty. */
  readonly values: readonly string[];
  /** `--link`, `--link=true`, `--link=false`. */
  readonly switches: readonly string[];
  /** Said about any other flag. */
  readonly refusal: string;
}

/** Expands and checks an instruction's flags. */
export function parseFlags(flags: readonly string[], environment: Environment, rules: FlagRules): InstructionFlags {
  const given = flags.map((flag) => {
    const [, name = "", value] = /^--([^=]+)(?:=([^]*))?$/.exec(expandWord(flag, environment)) ?? [];
    const known = rules.values.includes(name) ? value !== undefined : rules.switches.includes(name) && /^(true|false)?$/.test(value ?? "");
    if (!known) throw new ToolError("invalid-argument", rules.refusal);
    if (value === "") throw new ToolError("invalid-argument", `no value specified for --${name}=`);
    return { name, value };
  });
  const all = (name: string) => given.flatMap((flag) => (flag.name === name && flag.value !== undefined ? [flag.value] : []));
  return {
    given,
    all,
    last: (name) => all(name).at(-1),
    isSet: (name) => given.findLast((flag) => flag.name === name)?.value !== "false" && given.some((flag) => flag.name === name),
  };
}
