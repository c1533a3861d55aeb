import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { SecretSpec } from "../../container-spec/container-spec.ts";

export const secretFlags = defineFlags({
  secret: { type: "stringArray", description: "Give the container a secret (NAME[,type=mount|env][,target=][,uid=][,gid=][,mode=])" },
});

/**
 * One `--secret`: `NAME`, or `source=NAME`, and options.
 * @throws ToolError invalid-argument
 */
export function parseSecretFlag(text: string): SecretSpec {
  const given = new Map<string, string>();
  for (const [at, part] of text.split(",").entries()) {
    const equals = part.indexOf("=");
    if (equals < 0 && at === 0) given.set("source", part);
    else if (equals < 0) throw refuse(`option ${part} must be in form option=value`);
    else if (!["source", "type", "target", "mode", "uid", "UID", "gid", "GID"].includes(part.slice(0, equals))) {
      throw refuse(`option ${part} invalid`);
    } else
      given.set(
        part.slice(0, equals).replace(/^[UG]ID$/, (key) => key.toLowerCase()),
        part.slice(equals + 1),
      );
  }
  const type = given.get("type") ?? "mount";
  if (type !== "mount" && type !== "env") throw refuse(`type ${type} is invalid`);
  const source = given.get("source") ?? "";
  if (source === "") throw refuse("no source found");
  const numbers = { uid: number(given, "uid", 10), gid: number(given, "gid", 10), mode: number(given, "mode", 8) };
  if (type === "env" && Object.values(numbers).some((value) => value !== undefined))
    throw refuse("UID, GID, Mode options cannot be set with secret type env");
  const target = given.get("target");
  return {
    source,
    type,
    ...(target === undefined || target === "" ? {} : { target }),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
  };
}

function number(given: ReadonlyMap<string, string>, key: string, radix: 8 | 10): number | undefined {
  const text = given.get(key);
  if (text === undefined) return undefined;
  if (!(radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) throw refuse(`${key} ${text} invalid`);
  return Number.parseInt(text, radix);
}

function refuse(problem: string): ToolError {
  return new ToolError("invalid-argument", `${problem}: parsing secret`);
}
