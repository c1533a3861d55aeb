import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { runContainer } from "../../../containers/lifecycle/run.ts";
import type { AttachStreams } from "../../../containers/options.ts";
import { openDiagnostics } from "../../../engine/diagnostics.ts";
import { askedDescriptors } from "../../../systemd/passed-descriptors.ts";
import { containerSpec, createFlags, writeIdFile } from "../../flags/create-flags.ts";
import { onSide } from "../../on-side.ts";
import { registryAccess } from "../image/with-images.ts";
import { engineForImages } from "./engine-for-images.ts";

const flags = {
  ...createFlags,
  detach: { type: "bool", short: "d", description: "Run in the background and print the id" },
  "detach-keys": { type: "string", default: "ctrl-p,ctrl-q", description: "Keys that leave the container running; empty for none" },
  "preserve-fd": { type: "stringSlice", valueName: "uints", description: "Pass on these file descriptors" },
  "preserve-fds": { type: "uint", description: "Pass on this many more file descriptors" },
  "sig-proxy": { type: "bool", default: true, description: "Hand signals on to the container" },
} as const;

type Values = FlagValues<typeof flags>;

/** `podman run`. */
export const runCommand = defineCommand({
  name: "run",
  summary: "Run a command in a new container",
  description: "Makes a container out of an image and runs a command in it.",
  usage: "IMAGE [COMMAND [ARG...]]",
  examples: ["podman run --rm alpine echo hello", "podman run -it alpine sh", "podman run -d --name web -p 8080:80 nginx"],
  flags,
  args: { min: 1 },
  stopAtFirstArgument: true,
  run: (invocation) => run(invocation),
});

async function run(invocation: Invocation<Values>): Promise<number | undefined> {
  const { flags: values, out } = invocation;
  if (values.detach && values.attach.length > 0) throw new ToolError("invalid-argument", "cannot specify both --attach and --detach");
  const passed = askedDescriptors(values.preserveFds, values.preserveFd);
  const spec = containerSpec(invocation);
  const attach = values.detach ? undefined : attachedStreams(invocation);
  if (attach !== undefined && values.tty && values.interactive && !isTerminal(0)) {
    openDiagnostics(invocation.globals).warn("The input device is not a TTY. The --tty and --interactive flags might not work properly");
  }
  const options = {
    attach,
    ...(passed === undefined ? {} : { passed }),
    onCreated: (id: string) => writeIdFile(values.cidfile, id),
  };
  const result = await onSide(invocation, {
    local: () => runContainer(engineForImages(invocation), spec, options),
    remote: async (service) => {
      const remote = await import("../../../remote/containers/run.ts");
      return remote.runContainer(service, { spec, access: registryAccess(invocation), warn: out.stderr }, options);
    },
  });
  const silent = attach === undefined || !(attach.stdout || attach.stderr);
  // With the passthrough drivers standard output is the container's alone.
  if (silent && spec.log?.driver?.startsWith("passthrough") !== true) out.stdout(`${result.id}\n`);
  return result.exitCode;
}

/** Without `-a`: standard output and error, and standard input when it is kept open. */
function attachedStreams({ flags: values, given }: Invocation<Values>): AttachStreams {
  const chosen = values.attach.map((name) => name.toLowerCase());
  const named = chosen.length > 0;
  return {
    stdin: named ? chosen.includes("stdin") : values.interactive,
    stdout: !named || chosen.includes("stdout"),
    stderr: !named || chosen.includes("stderr"),
    sigProxy: values.sigProxy,
    ...(given("detach-keys") ? { detachKeys: values.detachKeys } : {}),
  };
}
