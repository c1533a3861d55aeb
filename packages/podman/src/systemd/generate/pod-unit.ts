import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { podCreateFlags } from "../../cli/commands/pod/create-flags.ts";
import type { ContainerConfig } from "../../containers/config.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { splitCreateCommand, withoutFlags } from "./create-command.ts";
import { type GenerateOptions, serviceName } from "./options.ts";
import { commandLines, escapeArgument, isRestartPolicy, STOP_MARGIN, unitHead, userDependencies } from "./unit-text.ts";

export interface PodUnitContext {
  readonly runRoot: string;
  readonly infra: ContainerConfig;
  /** Services of its containers. */
  readonly members: readonly string[];
}

export function podService(pod: Pick<PodRecord, "id" | "name">, options: GenerateOptions): string {
  return serviceName(options.podPrefix, options.separator, options.name ? pod.name : pod.id);
}

/** The file that names the pod that a unit has made. */
export function podIdFile(service: string): string {
  return `%t/${service}.pod-id`;
}

/** The unit of a pod, which starts the units of its containers. */
export function podUnit(pod: PodRecord, options: GenerateOptions, context: PodUnitContext): { name: string; text: string } {
  const name = podService(pod, options);
  const policy = options.restartPolicy ?? "on-failure";
  if (!isRestartPolicy(policy)) throw new ToolError("invalid-argument", `${policy} is not a valid restart policy`);
  const stopTimeout = options.stopTimeout ?? context.infra.stopTimeout;
  const members = [...context.members]
    .sort()
    .map((service) => `${service}.service`)
    .join(" ");
  const lines = [
    ...unitHead(name, options, { runRoot: context.runRoot, template: false }),
    `Wants=${members}`,
    `Before=${members}`,
    ...userDependencies(options),
    "",
    "[Service]",
    "Environment=PODMAN_SYSTEMD_UNIT=%n",
    `Restart=${policy}`,
    ...(options.restartSec === undefined || options.restartSec === 0 ? [] : [`RestartSec=${options.restartSec}`]),
    `TimeoutStopSec=${STOP_MARGIN + stopTimeout}`,
    ...(options.new ? newPod(pod, options, { name, stopTimeout }) : samePod(context.infra, options, stopTimeout)),
    "Type=forking",
    "",
    "[Install]",
    "WantedBy=default.target",
  ];
  return { name, text: `${lines.join("\n")}\n` };
}

/** Starts and stops the infra container that there is. */
function samePod(infra: ContainerConfig, { name, executable }: GenerateOptions, stopTimeout: number): string[] {
  const reference = name ? infra.name : infra.id;
  const stop = `${executable} stop  \\\n\t-t ${stopTimeout} ${reference}`;
  return [`ExecStart=${executable} start ${reference}`, `ExecStop=${stop}`, `ExecStopPost=${stop}`, `PIDFile=${infra.conmonPidfile}`];
}

/** Runs the command that the pod was made with, again. */
function newPod(pod: PodRecord, { executable }: GenerateOptions, unit: { readonly name: string; readonly stopTimeout: number }): string[] {
  if (pod.createCommand.length === 0) throw new ToolError("invalid-state", `cannot use --new on pod "${pod.id}": no create command found`);
  const command = splitCreateCommand(pod.createCommand, [["pod", "create"]], podFlags);
  if (command === undefined) {
    throw new ToolError("invalid-state", `pod does not appear to be created via \`podman pod create\`: [${pod.createCommand.join(" ")}]`);
  }
  const [pidFile, idFile] = [`%t/${unit.name}.pid`, podIdFile(unit.name)];
  const replaces = command.given("name") && command.value("replace") !== true;
  const flags = withoutFlags([...command.flags, ...command.args], {
    alone: replaces ? ["--replace=false"] : [],
    withValue: ["--pod", "--pod-id-file", "--infra-conmon-pidfile"],
  });
  const create = [
    executable,
    ...command.globals.map(escapeArgument),
    "pod",
    "create",
    "--infra-conmon-pidfile",
    pidFile,
    "--pod-id-file",
    idFile,
    ...(command.given("exit-policy") ? [] : ["--exit-policy=stop"]),
    ...flags.map(escapeArgument),
    ...(replaces ? ["--replace"] : []),
  ];
  const podman = (...words: string[]): string => commandLines([executable, ...command.globals.map(escapeArgument), "pod", ...words]);
  return [
    `ExecStartPre=${commandLines(create)}`,
    `ExecStart=${podman("start", "--pod-id-file", idFile)}`,
    // The empty word is the original's.
    `ExecStop=${podman("stop", "--ignore", "--pod-id-file", idFile, "", "-t", String(unit.stopTimeout))}`,
    `ExecStopPost=${podman("rm", "--ignore", "-f", "--pod-id-file", idFile)}`,
    `PIDFile=${pidFile}`,
  ];
}

const podFlags = defineFlags({ ...podCreateFlags });
