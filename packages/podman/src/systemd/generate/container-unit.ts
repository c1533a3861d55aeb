import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { createFlags } from "../../cli/flags/create-flags.ts";
import type { ContainerConfig } from "../../containers/config.ts";
import { type CreateCommand, splitCreateCommand, withoutFlags } from "./create-command.ts";
import { type GenerateOptions, serviceName } from "./options.ts";
import { commandLines, escapeArgument, isRestartPolicy, STOP_MARGIN, unitHead, userDependencies } from "./unit-text.ts";

/** What a container's unit says beyond its own configuration. */
export interface ContainerUnitContext {
  readonly runRoot: string;
  /** Services that it belongs to and starts after. */
  readonly boundTo?: readonly string[];
  /** With --new in a pod: the file that names the pod. */
  readonly podIdFile?: string;
}

const ID_FILE = "%t/%n.ctr-id";

/** Flags of `run` beside those that `create` has too. */
const runFlags = defineFlags({
  ...createFlags,
  detach: { type: "bool", short: "d", description: "" },
  "detach-keys": { type: "string", description: "" },
  "preserve-fd": { type: "stringSlice", description: "" },
  "preserve-fds": { type: "uint", description: "" },
  "sig-proxy": { type: "bool", default: true, description: "" },
});

export function containerService(config: Pick<ContainerConfig, "id" | "name">, options: GenerateOptions): string {
  return serviceName(options.containerPrefix, options.separator, options.name ? config.name : config.id);
}

/** The unit of a container: the text, and what it is called without `.service`. */
export function containerUnit(
  config: ContainerConfig,
  options: GenerateOptions,
  context: ContainerUnitContext,
): { name: string; text: string } {
  const name = containerService(config, options);
  const stopTimeout = options.stopTimeout ?? config.stopTimeout;
  const how = options.new ? newContainer(config, options, { ...context, name, stopTimeout }) : sameContainer(config, options, stopTimeout);
  const policy = options.restartPolicy ?? how.restartPolicy ?? "on-failure";
  if (options.restartPolicy !== undefined && !isRestartPolicy(policy))
    throw new ToolError("invalid-argument", `${policy} is not a valid restart policy`);
  const boundTo = [...(context.boundTo ?? [])].sort().map((service) => `${service}.service`);
  const lines = [
    ...unitHead(name, options, { runRoot: options.new ? "%t/containers" : context.runRoot, template: options.template }),
    ...(boundTo.length === 0 ? [] : [`BindsTo=${boundTo.join(" ")}`, `After=${boundTo.join(" ")}`]),
    ...userDependencies(options),
    "",
    "[Service]",
    `Environment=PODMAN_SYSTEMD_UNIT=%n${options.template ? "-%i" : ""}`,
    ...(how.environment.length === 0 ? [] : [`Environment=${how.environment.join(" ")}`]),
    ...options.env.map((entry) => `Environment=${escapeArgument(entry)}`),
    `Restart=${policy}`,
    ...(options.restartSec === undefined || options.restartSec === 0 ? [] : [`RestartSec=${options.restartSec}`]),
    ...(how.startLimit === undefined ? [] : [`StartLimitBurst=${how.startLimit}`]),
    ...(options.startTimeout === undefined || options.startTimeout === 0 ? [] : [`TimeoutStartSec=${options.startTimeout}`]),
    `TimeoutStopSec=${STOP_MARGIN + stopTimeout}`,
    ...how.commands,
    "",
    "[Install]",
    "WantedBy=default.target",
  ];
  return { name, text: `${lines.join("\n")}\n` };
}

interface Start {
  /** From `ExecStart` to `Type`. */
  readonly commands: readonly string[];
  readonly environment: readonly string[];
  readonly restartPolicy?: string;
  readonly startLimit?: string;
}

/** Starts and stops the container that there is; systemd watches its monitor. */
function sameContainer(config: ContainerConfig, { name, executable }: GenerateOptions, stopTimeout: number): Start {
  const reference = name ? config.name : config.id;
  const stop = `${executable} stop  \\\n\t-t ${stopTimeout} ${reference}`;
  return {
    commands: [
      `ExecStart=${executable} start ${reference}`,
      `ExecStop=${stop}`,
      `ExecStopPost=${stop}`,
      `PIDFile=${config.conmonPidfile}`,
      "Type=forking",
    ],
    environment: [],
  };
}

/** Runs the command that the container was made with, again. */
function newContainer(
  config: ContainerConfig,
  options: GenerateOptions,
  context: Pick<ContainerUnitContext, "podIdFile"> & { readonly name: string; readonly stopTimeout: number },
): Start {
  const command = requireCommand(config);
  const { executable } = options;
  const start = startCommand(command, { executable, podIdFile: context.podIdFile });
  const restart = command.value("restart");
  const [policy, startLimit] = typeof restart === "string" && restart !== "" ? restartOf(restart) : [];
  return {
    commands: [
      `ExecStart=${commandLines(options.template ? namedByInstance(start, context.name) : start)}`,
      `ExecStop=${commandLines([executable, "stop", `--ignore -t ${context.stopTimeout}`, `--cidfile=${ID_FILE}`])}`,
      `ExecStopPost=${commandLines([executable, "rm", "-f", `--ignore -t ${context.stopTimeout}`, `--cidfile=${ID_FILE}`])}`,
      "Type=notify",
      "NotifyAccess=all",
    ],
    environment: takenFromHost(command, config),
    ...(policy === undefined ? {} : { restartPolicy: policy }),
    ...(startLimit === undefined || options.restartPolicy !== undefined ? {} : { startLimit }),
  };
}

function requireCommand(config: ContainerConfig): CreateCommand {
  if (config.createCommand.length === 0) {
    throw new ToolError(
      "invalid-state",
      `cannot use --new on container "${config.id}": no create command found: only works on containers created directly with podman but not via REST API`,
    );
  }
  const command = splitCreateCommand(config.createCommand, [["run"], ["create"]], runFlags);
  if (command !== undefined) return command;
  throw new ToolError("invalid-state", `container's create command is too short or invalid: [${config.createCommand.join(" ")}]`);
}

function startCommand(command: CreateCommand, unit: { readonly executable: string; readonly podIdFile: string | undefined }): string[] {
  const pod = unit.podIdFile === undefined ? [] : ["--pod", "--pod-id-file", "--infra-conmon-pidfile"];
  const ignored = command.value("sdnotify") === "ignore";
  const notified = command.given("sdnotify") && !ignored;
  const detached = command.value("detach") === true;
  const replaces = command.given("name") && command.value("replace") !== true;
  const flags = withoutFlags(command.flags, {
    alone: ["--rm", "--rm=", ...(detached ? [] : ["-d=false", "--detach=false"]), ...(replaces ? ["--replace=false"] : [])],
    withValue: ["--cgroups", "--cidfile", "--restart", ...pod, ...(ignored ? ["--sdnotify"] : [])],
  });
  return [
    unit.executable,
    ...command.globals.map(escapeArgument),
    "run",
    `--cidfile=${ID_FILE}`,
    "--cgroups=no-conmon",
    "--rm",
    ...(unit.podIdFile === undefined ? [] : ["--pod-id-file", unit.podIdFile]),
    ...(notified ? [] : ["--sdnotify=conmon"]),
    ...(detached ? [] : ["-d"]),
    ...(replaces ? ["--replace"] : []),
    ...[...flags, ...command.args].map(escapeArgument),
  ];
}

/** podman's restart policy in systemd's words, and how many tries. */
function restartOf(policy: string): [policy: string, tries?: string] {
  const [name = "", tries] = policy.split(":");
  if (name === "on-failure" && tries !== undefined) return [name, tries];
  return [policy === "unless-stopped" ? "always" : policy];
}

/** Variables that were to be taken from the caller's environment: the unit has another one. */
function takenFromHost(command: CreateCommand, config: ContainerConfig): string[] {
  const asked = command.value("env");
  const names = Array.isArray(asked) ? asked.filter((entry): entry is string => typeof entry === "string" && !entry.includes("=")) : [];
  return names.flatMap((name) => config.env.filter((entry) => entry.startsWith(`${name}=`)).map(escapeArgument));
}

/** Each instance of a template has a container of its own. */
function namedByInstance(words: readonly string[], service: string): string[] {
  const at = words.findIndex((word) => word === "--name" || word.startsWith("--name="));
  if (at < 0) {
    const run = words.indexOf("run");
    return words.toSpliced(run + 1, 0, `--name=${service}-%i`);
  }
  const value = words[at] === "--name" ? at + 1 : at;
  return words.with(value, `${words[value] ?? ""}-%i`);
}
