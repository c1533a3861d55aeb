import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";

/** A value for RUN that must not stay in the image: a file's content or a variable's. */
export interface Secret {
  readonly id: string;
  /** Absolute path of a file, or the name of a variable of this process. */
  readonly source: string;
  readonly type: "file" | "env";
}

/** `--secret id=NAME[,src=FILE][,env=VARIABLE][,type=file|env]`, by id. Throws invalid-argument and not-found. */
export function parseSecrets(flags: readonly string[]): ReadonlyMap<string, Secret> {
  return new Map(flags.map(parseSecret).map((secret) => [secret.id, secret]));
}

const SYNTAX = "incorrect secret flag format: should be --secret id=foo,src=bar[,env=ENV][,type=file|env]";

function parseSecret(text: string): Secret {
  let id = "";
  let source = "";
  let type = "";
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const value = part.slice(equals + 1);
    const key = equals === -1 ? "" : part.slice(0, equals);
    if (key === "id") id = value;
    else if (key === "src" || key === "source") source = value;
    else if (key === "env") [source, type] = [value, "env"];
    else if (key === "type") type = secretType(value);
    else throw new ToolError("invalid-argument", SYNTAX);
  }
  if (id === "") throw new ToolError("invalid-argument", SYNTAX);
  if (source === "") source = id;
  if (type === "") type = process.env[id] === undefined ? "file" : "env";
  if (type === "env") return { id, source, type };
  const path = resolve(source);
  if (!existsSync(path)) throw new ToolError("not-found", `could not parse secrets: stat ${path}: no such file or directory`);
  return { id, source: path, type: "file" };
}

function secretType(value: string): string {
  if (value === "file" || value === "env") return value;
  throw new ToolError("invalid-argument", "invalid secret type, must be file or env");
}

/** What the secret holds now. */
export function readSecret(secret: Secret): Buffer {
  return secret.type === "env" ? Buffer.from(process.env[secret.source] ?? "") : readFileSync(secret.source);
}
