import type { Completion, CompletionRequest } from "@containers/common/cli/completion/completion-source";
import { directives } from "@containers/common/cli/completion/completion-source";
import type { Engine } from "../../engine/engine.ts";
import { FORMAT_FIELDS, SAME_FIELDS } from "./format-fields.ts";

/** What may follow in a `--format` template: the fields of what the command shows. Undefined for commands without one. */
export async function formatValues(request: CompletionRequest, openEngine: () => Promise<Engine>): Promise<Completion | undefined> {
  const words = request.commandPath.split(" ").slice(1).join(" ");
  const command = words === "inspect" ? await inspected(request.args, openEngine) : (SAME_FIELDS[words] ?? words);
  if (FORMAT_FIELDS[command] === undefined) return undefined;
  // As far as the last field: what stands before it stays.
  const [, before = "", path = ""] = /^(.*\{\{[^}]*?)\.([\w.]*)$/s.exec(request.typed) ?? [];
  if (before === "") return { candidates: [{ value: "json" }], directive: directives.noFiles };
  const steps = path.split(".").slice(0, -1);
  const fields = FORMAT_FIELDS[[command, ...steps].join(" ")] ?? "";
  const start = [before, ...steps].join(".");
  const values = fields.split(" ").filter((field) => field !== "");
  return {
    candidates: values.map((field) => ({ value: `${start}.${field}${field.endsWith(".") ? "" : "}}"}` })),
    directive: directives.noSpace | directives.noFiles,
  };
}

/** The command that shows alone what `inspect` shows of the first name; containers come first. */
async function inspected(args: readonly string[], openEngine: () => Promise<Engine>): Promise<string> {
  const [name] = args;
  if (name === undefined) return "container inspect";
  const { state, store, networks } = await openEngine();
  if (state.containers.resolve(name) !== undefined) return "container inspect";
  const { resolveLocalImage } = await import("@containers/image/local-images/resolve-name");
  if (resolveLocalImage({ store, registry: {} }, name) !== undefined) return "image inspect";
  if (state.volumes.resolve(name) !== undefined) return "volume inspect";
  if (networks.list().some((network) => network.name === name || network.id.startsWith(name))) return "network inspect";
  return state.pods.resolve(name) === undefined ? "container inspect" : "pod inspect";
}
