import { readdirSync, readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { SpecHook, SpecMount } from "@containers/common/spec-builder/runtime-spec";

/** What devices of the Container Device Interface add to a container. */
export interface CdiEdits {
  readonly env: readonly string[];
  readonly devices: readonly DeviceSpec[];
  readonly mounts: readonly SpecMount[];
  readonly additionalGids: readonly number[];
  /** By stage. */
  readonly hooks: Readonly<Record<string, readonly SpecHook[]>>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Looks the devices (`vendor.com/class=name`) up in the specification files of the directories; a later directory's win.
 * https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md
 *
 * @throws not-found naming those that no file knows
 */
export function resolveCdiDevices(names: readonly string[], directories: readonly string[]): CdiEdits {
  const known = new Map<string, readonly Fields[]>();
  for (const spec of directories.flatMap(readSpecs)) {
    const common = record(spec["containerEdits"]);
    for (const device of list(spec["devices"]).map(record))
      known.set(`${text(spec["kind"])}=${text(device["name"])}`, [common, record(device["containerEdits"])]);
  }
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0)
    throw new ToolError("not-found", `setting up CDI devices: unresolvable CDI devices ${missing.join(", ")}`, { exitCode: 126 });
  // The edits of a whole file are made once, however many of its devices are asked for.
  return mergeEdits([...new Set(names.flatMap((name) => known.get(name) ?? []))]);
}

function readSpecs(directory: string): Fields[] {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch {
    return [];
  }
  return names
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .flatMap((name) => {
      try {
        const content = readFileSync(`${directory}/${name}`, "utf8");
        return [record(name.endsWith(".json") ? JSON.parse(content) : Bun.YAML.parse(content))];
      } catch {
        // One broken file must not hide the devices of the others.
        return [];
      }
    });
}

function mergeEdits(edits: readonly Fields[]): CdiEdits {
  const hooks: Record<string, SpecHook[]> = {};
  for (const hook of edits.flatMap((edit) => list(edit["hooks"]).map(record))) {
    const { path, args, env, timeout } = hook;
    const name = text(hook["hookName"]);
    hooks[name] = [
      ...(hooks[name] ?? []),
      {
        path: text(path),
        ...(args === undefined ? {} : { args: list(args).map(text) }),
        ...(env === undefined ? {} : { env: list(env).map(text) }),
        ...(typeof timeout === "number" ? { timeout } : {}),
      },
    ];
  }
  return {
    env: edits.flatMap((edit) => list(edit["env"]).map(text)),
    devices: edits.flatMap((edit) => list(edit["deviceNodes"]).map((node) => deviceOf(record(node)))),
    mounts: edits.flatMap((edit) => list(edit["mounts"]).map((mount) => mountOf(record(mount)))),
    additionalGids: edits.flatMap((edit) => list(edit["additionalGids"]).filter((gid) => typeof gid === "number")),
    hooks,
  };
}

function deviceOf(node: Fields): DeviceSpec {
  const target = text(node["path"]);
  const permissions = text(node["permissions"]);
  return { source: text(node["hostPath"]) || target, target, ...(permissions === "" ? {} : { permissions }) };
}

function mountOf(mount: Fields): SpecMount {
  const options = list(mount["options"]).map(text);
  const bound = options.includes("bind") || options.includes("rbind") ? options : [...options, "rbind"];
  return {
    destination: text(mount["containerPath"]),
    source: text(mount["hostPath"]),
    type: text(mount["type"]) || "bind",
    options: bound,
  };
}

/** The fields of an object; none of anything else. */
function record(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
