import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { execInContainer } from "../../../containers/exec/exec.ts";
import type { ExecOptions } from "../../../containers/options.ts";
import { openDiagnostics } from "../../../engine/diagnostics.ts";
import { askedDescriptors } from "../../../systemd/passed-descriptors.ts";
import { environmentEntries, environmentOfFiles, prefixed } from "../../flags/read-lists.ts";
import { onSide } from "../../on-side.ts";
import { engineFinder, latestContainer, latestFlag, readIdFile } from "./targets.ts";

const flags = {
  ...latestFlag,
  cidfile: { type: "string", description: "Read the container's id from a file" },
  detach: { type: "bool", short: "d", description: "Run in the background and print the session's id" },
  "detach-keys": { type: "string", default: "ctrl-p,ctrl-q", description: "Keys that leave the process running; empty for none" },
  env: { type: "stringArray", short: "e", description: "Set an environment variable" },
  "env-file": { type: "stringArray", description: "Read environment variables from a file" },
  interactive: { type: "bool", short: "i", description: "Keep standard input open" },
  "no-session": { type: "bool", description: "Keep no record of the session" },
  "preserve-fd": { type: "stringSlice", valueName: "uints", description: "Pass on these file descriptors" },
  "preserve-fds": { type: "uint", description: "Pass on this many more file descriptors" },
  privileged: { type: "bool", description: "Give the process the rights of the caller" },
  tty: { type: "bool", short: "t", description: "Give the process a terminal" },
  wait: { type: "int", hidden: true, description: "Wait this many seconds for the container to be there and to run" },
  user: { type: "string", short: "u", description: "User inside the container (name or number, with optional :group)" },
  workdir: { type: "string", short: "w", description: "Working directory inside the container" },
} as const;

/** `podman exec`. */
export const execCommand = defineCommand({
  name: "exec",
  summary: "Run a process in a running container",
  description: "Runs one more process inside a running container.",
  usage: "CONTAINER COMMAND [ARG...]",
  examples: ["podman exec -it ctrID ls", "podman exec -it -w /tmp myCtr pwd", "podman exec --user root ctrID ls"],
  flags,
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: (invocation) => exec(invocation),
});

async function exec(invocation: Invocation<FlagValues<typeof flags>>): Promise<number> {
  const { flags: values, given, out } = invocation;
  if (values.noSession && (values.detach || given("detach-keys")))
    throw new ToolError("invalid-argument", "--no-session cannot be used with --detach or --detach-keys");
  const passed = askedDescriptors(values.preserveFds, values.preserveFd);
  const elsewhere = values.latest || values.cidfile !== undefined;
  if (invocation.args.length === 0 && !elsewhere)
    throw new ToolError("invalid-argument", "exec requires the name or ID of a container or the --latest or --cidfile flag");
  const command = elsewhere ? invocation.args : invocation.args.slice(1);
  if (values.latest && values.cidfile !== undefined)
    throw new ToolError("invalid-argument", "--latest and --cidfile can not be used together");
  const reference = values.cidfile !== undefined ? readIdFile(values.cidfile) : (invocation.args[0] ?? "").replace(/^\//, "");
  if (values.tty && values.interactive && !isTerminal(0)) {
    openDiagnostics(invocation.globals).warn("The input device is not a TTY. The --tty and --interactive flags might not work properly");
  }
  const options: ExecOptions = {
    command,
    detach: values.detach,
    interactive: values.interactive,
    tty: values.tty,
    env: [...environmentOfFiles(values.envFile), ...prefixed("parsing environment variables", () => environmentEntries(values.env))],
    user: values.user,
    workdir: values.workdir,
    privileged: values.privileged,
    ...(passed === undefined ? {} : { passed }),
    ...(given("detach-keys") ? { detachKeys: values.detachKeys } : {}),
    ...(values.noSession ? { unrecorded: true } : {}),
    onStarted: (id) => out.stdout(`${id}\n`),
  };
  const seconds = given("wait") ? values.wait : undefined;
  return onSide(invocation, {
    local: async (engine) => {
      const name = values.latest ? latestContainer(engine) : reference;
      if (seconds !== undefined) await (await import("../../wait-to-exec.ts")).waitToExec(engineFinder(engine), name, seconds);
      return execInContainer(engine, name, {
        ...options,
        privileged: given("privileged") ? values.privileged : engine.defaults.privileged,
      });
    },
    remote: async (service) => {
      if (seconds !== undefined) {
        const { serviceFinder } = await import("../../../remote/containers/finder.ts");
        await (await import("../../wait-to-exec.ts")).waitToExec(serviceFinder(service), reference, seconds);
      }
      return (await import("../../../remote/containers/exec.ts")).execInContainer(service, reference, options);
    },
  });
}
