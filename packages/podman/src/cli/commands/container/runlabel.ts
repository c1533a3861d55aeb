import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { selfCommand } from "@containers/common/process/reexec";
import { runSync } from "@containers/common/process/run";
import { readImageConfig } from "@containers/image/local-images/image-config";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import { removeContainers } from "../../../containers/removal/remove.ts";
import { pullByName } from "../../../images/image-deeds.ts";
import { type RunLabelCommand, runLabelCommand } from "../../../images/run-label.ts";
import { type ImageCommand, registryFlags, signaturePolicyFlag, withImages } from "../image/with-images.ts";

const flags = {
  ...registryFlags,
  display: { type: "bool", description: "Print the command instead of running it" },
  name: { type: "string", short: "n", description: "Name for the container" },
  opt1: { type: "string", hidden: true, description: "What the label's OPT1 stands for" },
  opt2: { type: "string", hidden: true, description: "What the label's OPT2 stands for" },
  opt3: { type: "string", hidden: true, description: "What the label's OPT3 stands for" },
  pull: { type: "bool", short: "p", default: true, hidden: true, description: "Pull the image when it is not there" },
  quiet: { type: "bool", short: "q", description: "Print nothing" },
  replace: { type: "bool", description: "Remove a container of that name first" },
  ...signaturePolicyFlag,
} as const;

type Flags = FlagValues<typeof flags>;

/** `podman container runlabel`. */
export const runlabelCommand = defineCommand({
  name: "runlabel",
  summary: "Execute the command described by an image label",
  description: "Executes a command as described by a container image label.",
  usage: "LABEL IMAGE [ARG...]",
  examples: [
    "podman container runlabel run imageID",
    "podman container runlabel install imageID arg1 arg2",
    "podman container runlabel --display run myImage",
  ],
  flags,
  args: { min: 2 },
  run: (invocation) => withImages(invocation, (work) => runLabel(invocation, work)),
});

async function runLabel(invocation: Invocation<Flags>, work: ImageCommand): Promise<number> {
  const { flags: values, args, out } = invocation;
  const [label = "", reference = "", ...more] = args;
  const command = await labelCommand(work, values, { label, reference, more });
  if (values.display) {
    out.stdout(`command: ${[process.argv0, ...command.args].join(" ")}\n`);
    return 0;
  }
  const name = command.args[command.args.indexOf("--name") + 1];
  if (values.replace && command.args.includes("--name") && name !== undefined)
    await removeContainers(work.engine, [name], { force: true, ignore: true });
  return execute(command, values);
}

async function labelCommand(
  work: ImageCommand,
  values: Flags,
  asked: { readonly label: string; readonly reference: string; readonly more: readonly string[] },
): Promise<RunLabelCommand> {
  const { label, reference } = asked;
  await pullByName(work, reference, { policy: values.pull ? "missing" : "never" });
  const { image } = requireLocalImage(work.images, reference);
  const { Labels: labels = {} } = readImageConfig(work.engine.store, image.id).config;
  const found = Object.entries(labels).find(([key]) => key.toLowerCase() === label.toLowerCase())?.[1];
  if (found === undefined || found === "")
    throw new ToolError("invalid-argument", `cannot find the value of label: ${label} in image: ${reference}`);
  const imageName = image.namesHistory[0] ?? image.names[0] ?? image.id;
  const named = image.id.startsWith(reference) ? imageName : reference;
  return runLabelCommand({
    command: found,
    image: imageName,
    name: values.name || (named.split("/").at(-1)?.split(":")[0] ?? ""),
    args: asked.more,
    options: { OPT1: values.opt1 ?? "", OPT2: values.opt2 ?? "", OPT3: values.opt3 ?? "" },
  });
}

/** Runs the command on this terminal and answers with its exit code. */
function execute({ program, args }: RunLabelCommand, values: Flags): number {
  const env = {
    ...process.env,
    PODMAN_RUNLABEL_NESTED: "1",
    ...(values.opt1 === undefined ? {} : { OPT1: values.opt1 }),
    ...(values.opt2 === undefined ? {} : { OPT2: values.opt2 }),
    ...(values.opt3 === undefined ? {} : { OPT3: values.opt3 }),
  };
  const self = program === "podman" ? selfCommand(args) : { file: program, argv0: program, args };
  const { exitCode } = runSync(self.file, self.args, { argv0: self.argv0, env, stdio: values.quiet ? "pipe" : "inherit" });
  if (exitCode !== 0)
    throw new ToolError("internal", `running the label's command ${[program, ...args].join(" ")}: exit status ${exitCode}`);
  return 0;
}
