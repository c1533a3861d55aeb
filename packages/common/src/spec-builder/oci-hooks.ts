import { readdirSync, readFileSync, statSync } from "node:fs";
import { ToolError, wrapError } from "../errors/tool-error.ts";
import { callProgram } from "../oci-runtime/call-program.ts";
import type { RuntimeSpec, SpecHook } from "./runtime-spec.ts";

/** A file of a hooks directory: oci-hooks(5), version 1.0.0. */
interface HookFile {
  readonly hook: SpecHook;
  readonly when: {
    readonly always?: boolean;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly commands?: readonly string[];
    readonly hasBindMounts?: boolean;
    /** One fitting condition is enough. */
    readonly or?: boolean;
  };
  readonly stages: readonly string[];
}

const STAGES = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop", "precreate"];

/**
 * Adds the hooks that fit the container, in the order of their files' names; a file of a later directory replaces one of the same name. Those of the stage
 * `precreate` are run here and now, and what they print takes the spec's place.
 *
 * @throws invalid-argument for a file that is no hook; unavailable when a precreate hook fails
 */
export function addHooks(spec: RuntimeSpec, directories: readonly string[], hasBindMounts: boolean): RuntimeSpec {
  const files = new Map(directories.flatMap((directory) => namesIn(directory).map((name) => [name, `${directory}/${name}`] as const)));
  const hooks: Record<string, SpecHook[]> = {};
  for (const [, path] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const file = readHook(path);
    if (!fits(file, spec, hasBindMounts)) continue;
    for (const stage of file.stages) hooks[stage] = [...(hooks[stage] ?? []), file.hook];
  }
  const { precreate = [], ...others } = hooks;
  const merged = mergeHooks(spec.hooks, others);
  const whole = Object.keys(merged).length === 0 ? spec : { ...spec, hooks: merged };
  return precreate.reduce(runPrecreate, whole);
}

/** Hooks by stage, the first ones' before the others'. */
function mergeHooks(one: RuntimeSpec["hooks"] = {}, other: RuntimeSpec["hooks"] = {}): Readonly<Record<string, readonly SpecHook[]>> {
  const stages = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...stages].map((stage) => [stage, [...(one[stage] ?? []), ...(other[stage] ?? [])]]));
}

function namesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".json"));
}

function readHook(path: string): HookFile {
  const refuse = (reason: string): never => {
    throw new ToolError("invalid-argument", `parsing hook ${JSON.stringify(path)}: ${reason}`, { exitCode: 126 });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrapError(`parsing hook ${JSON.stringify(path)}`, error);
  }
  if (typeof parsed !== "object" || parsed === null) return refuse("not an object");
  // What is used of it is checked below.
  const file = parsed as Partial<HookFile> & { readonly version?: unknown };
  if (file.version !== "1.0.0") return refuse(`unrecognized hook version: ${JSON.stringify(file.version)}`);
  if (typeof file.hook?.path !== "string" || file.hook.path === "") return refuse("invalid hook: path is missing");
  if (statSync(file.hook.path, { throwIfNoEntry: false }) === undefined) return refuse(`stat ${file.hook.path}: no such file or directory`);
  if (!Array.isArray(file.stages) || file.stages.length === 0) return refuse("missing required property: stages");
  const unknown = file.stages.find((stage) => !STAGES.includes(stage));
  if (unknown !== undefined) return refuse(`unknown stage ${JSON.stringify(unknown)}`);
  return { hook: file.hook, when: file.when ?? {}, stages: file.stages };
}

/** Every condition that the file has must fit, or any of them with `or`; a file without one fits nothing. */
function fits({ when }: HookFile, spec: RuntimeSpec, hasBindMounts: boolean): boolean {
  const results = [
    ...(when.always === undefined ? [] : [when.always]),
    ...(when.hasBindMounts === undefined ? [] : [when.hasBindMounts === hasBindMounts]),
    ...Object.entries(when.annotations ?? {}).map(([key, value]) =>
      Object.entries(spec.annotations ?? {}).some(([name, content]) => new RegExp(key).test(name) && new RegExp(value).test(content)),
    ),
    ...(when.commands === undefined ? [] : [when.commands.some((command) => new RegExp(command).test(spec.process.args[0] ?? ""))]),
  ];
  return when.or === true ? results.includes(true) : results.length > 0 && results.every(Boolean);
}

function runPrecreate(spec: RuntimeSpec, hook: SpecHook): RuntimeSpec {
  const [, ...args] = hook.args ?? [];
  const result = callProgram(hook.path, args, { input: JSON.stringify(spec) });
  if (result.exitCode !== 0)
    throw new ToolError("unavailable", `running precreate hook ${hook.path}: exit status ${result.exitCode}: ${result.stderr.trim()}`, {
      exitCode: 126,
    });
  if (result.stdout.trim() === "") return spec;
  try {
    // The hook's author answers for the spec; the runtime checks it.
    return JSON.parse(result.stdout) as RuntimeSpec;
  } catch (error) {
    throw wrapError(`the answer of the precreate hook ${hook.path}`, error);
  }
}
