import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { attachContainer } from "../../../containers/attach/attach-container.ts";
import { startAttached } from "../../../containers/lifecycle/run.ts";
import { startContainers } from "../../../containers/lifecycle/start.ts";
import type { TargetReport } from "../../../containers/options.ts";
import type { Engine } from "../../../engine/engine.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { onChosen } from "./on-chosen.ts";
import { filterFlag, latestFlag, printReports } from "./targets.ts";

const flags = {
  ...latestFlag,
  ...filterFlag,
  all: { type: "bool", description: "Start all containers that do not run" },
  attach: { type: "bool", short: "a", description: "Attach to the container's output" },
  "detach-keys": { type: "string", default: "ctrl-p,ctrl-q", description: "Keys that leave the container running; empty for none" },
  interactive: { type: "bool", short: "i", description: "Attach standard input too" },
  "sig-proxy": { type: "bool", default: true, description: "Hand signals on to the container" },
} as const;

/** `podman start`. */
export const startCommand = defineCommand({
  name: "start",
  summary: "Start one or more containers",
  description: "Starts one or more containers that were created or have ended.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman start 860a4b231279 5421ab43b45", "podman start --interactive --attach imageID"],
  flags,
  args: { min: 0 },
  run: (invocation) => start(invocation),
});

async function start(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args, given, out } = invocation;
  const attached = values.attach || values.interactive;
  if (args.length > 1 && values.attach) throw new ToolError("invalid-argument", "you cannot start and attach multiple containers at once");
  if (values.all && (attached || args.length > 0))
    throw new ToolError("invalid-argument", "either start all containers or the container(s) provided in the arguments");
  if (given("sig-proxy") && values.sigProxy && !attached)
    throw new ToolError("invalid-argument", "you cannot use sig-proxy without --attach: invalid argument");
  const statuses = ["created", "exited", "stopped", "initialized"];
  const choice = {
    args,
    latest: values.latest,
    all: values.all,
    filter: values.filter,
    statuses,
    filtersArguments: true,
    missing: "start requires at least one argument",
  };
  const streams = {
    stdin: values.interactive,
    stdout: true,
    stderr: true,
    sigProxy: values.sigProxy,
    ...(given("detach-keys") ? { detachKeys: values.detachKeys } : {}),
  };
  // A command that is not there is no other failure than the rest, where nobody waits for it.
  const codeOf = (reports: readonly TargetReport[]): number => (printReports(reports, out) === 0 ? 0 : 125);
  return onChosen<number | undefined, unknown>(invocation, choice, {
    local: async (engine, chosen) => {
      const [first] = chosen;
      // Either all are known or none is started.
      for (const reference of chosen) resolveContainer(engine, reference);
      return attached && first !== undefined ? attach(engine, first, streams) : codeOf((await startContainers(engine, chosen)).map(named));
    },
    remote: async (service, chosen, deeds) => {
      const [first] = chosen;
      if (!attached || first === undefined) return codeOf(await deeds.startContainers(service, chosen));
      const { startOrAttach } = await import("../../../remote/containers/run.ts");
      return startOrAttach(service, first, streams);
    },
  });
}

/** Which container could not be started. */
function named(report: TargetReport): TargetReport {
  if (report.error === undefined || report.id === undefined) return report;
  return { ...report, error: wrapError(`unable to start container ${JSON.stringify(report.id)}`, report.error) };
}

async function attach(engine: Engine, reference: string, streams: Parameters<typeof startAttached>[2]): Promise<number | undefined> {
  const { config, state } = resolveContainer(engine, reference);
  const own = { ...streams, stdin: streams.stdin && config.stdin };
  if (state.status === "running") {
    try {
      return await attachContainer(engine, config.id, own);
    } catch (error) {
      // It has ended, and nobody had seen to it yet.
      if (!(error instanceof ToolError) || error.code !== "cannot-attach") throw error;
    }
  }
  try {
    return (await startAttached(engine, config.id, own)).exitCode;
  } catch (error) {
    const { kind, code, message, cause } = wrapError(`unable to start container ${config.id}`, error);
    // What the container's command would have ended with is not known.
    throw new ToolError(kind, message, { code, cause, exitCode: 125 });
  }
}
