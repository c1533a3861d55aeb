import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import type { OciRunConfig } from "./image-config.ts";

type Draft = { -readonly [Key in keyof OciRunConfig]: OciRunConfig[Key] };

/**
 * Applies Containerfile-like changes (`CMD=/bin/sh`, `ENV a=b`) of `import` and `commit` to a configuration.
 *
 * @returns a new configuration
 * @throws invalid-argument, quoting the change
 */
export function applyChanges(config: OciRunConfig, changes: readonly string[]): OciRunConfig {
  const draft: Draft = { ...config };
  for (const change of changes) applyChange(draft, change);
  return draft;
}

function applyChange(draft: Draft, change: string): void {
  const { instruction, value } = splitChange(change);
  const invalid = (why: string): ToolError => new ToolError("invalid-argument", `invalid change "${change}" - ${why}`);
  switch (instruction) {
    case "USER":
      if (value === "") throw invalid("must provide a value to USER");
      draft.User = value;
      return;
    case "EXPOSE":
      draft.ExposedPorts = { ...draft.ExposedPorts, [exposedPort(value, invalid)]: {} };
      return;
    case "ENV":
      draft.Env = [...(draft.Env ?? []), environment(value, invalid)];
      return;
    case "ENTRYPOINT":
      draft.Entrypoint = jsonStrings(value) ?? (value === "" ? [] : ["/bin/sh", "-c", value]);
      return;
    case "CMD":
      draft.Cmd = jsonStrings(value) ?? ["/bin/sh", "-c", ...(value === "" ? [] : [value])];
      return;
    case "VOLUME":
      draft.Volumes = { ...draft.Volumes, ...volumes(value, invalid) };
      return;
    case "WORKDIR":
      if (value === "") throw invalid("must provide a non-empty WORKDIR");
      draft.WorkingDir = posix.join(draft.WorkingDir ?? "", value);
      return;
    case "LABEL":
      draft.Labels = { ...draft.Labels, ...label(value, invalid) };
      return;
    case "STOPSIGNAL":
      draft.StopSignal = stopSignal(value, invalid);
      return;
    case "ONBUILD":
      if (value === "") throw invalid("ONBUILD must be given an argument");
      draft.OnBuild = [...(draft.OnBuild ?? []), value];
      return;
    default:
      throw invalid(`invalid instruction ${instruction}`);
  }
}

/** `KEY VALUE`, or `KEY=VALUE` when there is no space. */
function splitChange(change: string): { instruction: string; value: string } {
  const cut = change.includes(" ") ? change.indexOf(" ") : change.indexOf("=");
  if (cut === -1) throw new ToolError("invalid-argument", `invalid change "${change}" - must be formatted as KEY VALUE`);
  const key = change.slice(0, cut).trim();
  // `CMD=/bin/sh -c x` has a space, but its key ends at the equals sign.
  const equals = key.indexOf("=");
  if (equals !== -1) return { instruction: key.slice(0, equals).toUpperCase(), value: change.slice(equals + 1).trim() };
  return { instruction: key.toUpperCase(), value: change.slice(cut + 1).trim() };
}

function exposedPort(value: string, invalid: (why: string) => ToolError): string {
  const [port = "", protocol = "tcp", more] = value.split("/");
  if (more !== undefined) throw invalid("EXPOSE port must be formatted as PORT[/PROTO]");
  if (!/^[+-]?\d+$/.test(port)) throw invalid("EXPOSE port must be an integer");
  const number = Number(port);
  if (number <= 0 || number > 65535) throw invalid("EXPOSE port must be a valid port number");
  const name = protocol.toLowerCase();
  if (name !== "tcp" && name !== "udp") throw invalid("EXPOSE protocol must be TCP or UDP");
  return `${number}/${name}`;
}

function environment(value: string, invalid: (why: string) => ToolError): string {
  const equals = value.indexOf("=");
  const key = equals === -1 ? value : value.slice(0, equals);
  if (key === "") throw invalid("ENV must have at least one argument");
  return `${unquote(key)}=${unquote(equals === -1 ? "" : value.slice(equals + 1))}`;
}

function volumes(value: string, invalid: (why: string) => ToolError): Record<string, object> {
  const paths = jsonStrings(value) ?? value.split(" ");
  if (paths.length === 0) throw invalid("must provide at least one argument to VOLUME");
  if (paths.includes("")) throw invalid("VOLUME paths must not be empty");
  return Object.fromEntries(paths.map((path) => [path, {}]));
}

function label(value: string, invalid: (why: string) => ToolError): Record<string, string> {
  const equals = value.indexOf("=");
  if (equals === -1) throw invalid("LABEL must be formatted key=value");
  const key = unquote(value.slice(0, equals));
  if (key === "") throw invalid("LABEL must have a non-empty key");
  return { [key]: unquote(value.slice(equals + 1)) };
}

function stopSignal(value: string, invalid: (why: string) => ToolError): string {
  const number = signalNumber(value);
  if (number === undefined) throw invalid("STOPSIGNAL must be given a valid signal");
  return String(number);
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function jsonStrings(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((entry): entry is string => typeof entry === "string") ? parsed : undefined;
  } catch {
    return undefined;
  }
}
