import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { generateUnits } from "../../../systemd/generate/generate-units.ts";
import type { GenerateOptions } from "../../../systemd/generate/options.ts";
import { environmentEntries } from "../../flags/read-lists.ts";
import { onSide } from "../../on-side.ts";

const DEPRECATION = `DEPRECATED command:
It is recommended to use Quadlets for running containers and pods under systemd.

Please refer to podman-systemd.unit(5) for details.`;

const flags = {
  after: { type: "stringArray", description: "Units that have to be started before" },
  "container-prefix": { type: "string", default: "container", description: "Begin of the names of containers' units" },
  env: { type: "stringArray", short: "e", description: "Set an environment variable in the units" },
  files: { type: "bool", short: "f", description: "Write files into the current directory instead of printing" },
  format: { type: "string", description: "Print the units in this format (json)" },
  name: { type: "bool", short: "n", description: "Use names of containers and pods instead of ids" },
  new: { type: "bool", description: "Units that make a new container or pod whenever they are started" },
  "no-header": { type: "bool", description: "Leave out the version and the time" },
  "pod-prefix": { type: "string", default: "pod", description: "Begin of the names of pods' units" },
  requires: { type: "stringArray", description: "Units that this one cannot be without" },
  "restart-policy": { type: "string", default: "on-failure", description: "When systemd starts the unit again" },
  "restart-sec": { type: "uint", description: "Seconds that systemd waits before it starts the unit again" },
  separator: { type: "string", default: "-", description: "Stands between the prefix and the name" },
  "start-timeout": { type: "uint", description: "Seconds that the start may take" },
  "stop-timeout": { type: "uint", description: "Seconds from the stop signal to SIGKILL" },
  template: { type: "bool", description: "A unit of which instances can be started; containers only, with --new" },
  time: { type: "uint", short: "t", aliases: ["timeout"], hidden: true, description: "The same as --stop-timeout" },
  wants: { type: "stringArray", description: "Units that are to be started too" },
} as const;

type GenerateInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman generate systemd`. */
export const generateSystemdCommand = defineCommand({
  name: "systemd",
  summary: "[DEPRECATED] Generate systemd units",
  description: `Prints units with which systemd starts and watches a container, or a pod with its containers.\n\n${DEPRECATION}`,
  usage: "{CONTAINER|POD}",
  examples: ["podman generate systemd CTR", "podman generate systemd --new --time 10 CTR", "podman generate systemd --files --name POD"],
  flags,
  args: { min: 1, max: 1 },
  run: (invocation) => generate(invocation),
});

async function generate(invocation: GenerateInvocation): Promise<undefined> {
  const { flags: values, given, args, out } = invocation;
  out.stderr(`\n${DEPRECATION}\n`);
  if (given("new") && !values.new && values.template) throw new ToolError("invalid-argument", "--template cannot be set with --new=false");
  const [reference = ""] = args;
  const options: GenerateOptions = {
    ...stopTimeout(invocation),
    name: values.name,
    new: values.new || values.template,
    template: values.template,
    header: !values.noHeader,
    containerPrefix: values.containerPrefix,
    podPrefix: values.podPrefix,
    separator: values.separator,
    env: environmentEntries(values.env),
    dependencies: { Wants: values.wants, After: values.after, Requires: values.requires },
    executable: process.execPath,
    now: new Date(),
    ...(given("restart-policy") ? { restartPolicy: values.restartPolicy } : {}),
    ...(given("restart-sec") ? { restartSec: values.restartSec ?? 0 } : {}),
    ...(given("start-timeout") ? { startTimeout: values.startTimeout ?? 0 } : {}),
  };
  const units = await onSide(invocation, {
    local: (engine) => generateUnits(engine, reference, options),
    remote: async (service) => {
      const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
      out.stderr(`time="${time}" level=warning msg="The generated units should be placed on your remote system"\n`);
      return (await import("../../../remote/containers/generate-systemd.ts")).generateUnits(service, reference, options);
    },
  });
  print(units, invocation);
  return undefined;
}

function stopTimeout({ flags: values, given }: GenerateInvocation): { readonly stopTimeout?: number } {
  if (given("stop-timeout") && given("time"))
    throw new ToolError("invalid-argument", "stop-timeout and time are redundant and cannot be used together");
  if (given("stop-timeout")) return { stopTimeout: values.stopTimeout ?? 0 };
  return given("time") ? { stopTimeout: values.time ?? 0 } : {};
}

function print(units: ReadonlyMap<string, string>, { flags: { files, format = "" }, out }: GenerateInvocation): void {
  const json = format !== "" && isJsonFormat(format);
  if (format !== "" && !json) throw new ToolError("invalid-argument", `unknown --format argument: ${format}`);
  const shown = files ? new Map([...units].map(([name, text]) => [name, writeUnit(name, text)])) : units;
  if (json) out.stdout(`${toJson(shown, { indent: 1, escapeHtml: true })}\n`);
  else for (const text of shown.values()) out.stdout(files ? `${text}\n` : text);
}

function writeUnit(name: string, text: string): string {
  const path = join(process.cwd(), `${name}.service`);
  writeFileSync(path, text);
  return path;
}
