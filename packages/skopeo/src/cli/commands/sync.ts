import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { defineCommand, type FlagValues, type Invocation, type Output } from "@containers/common/cli/define-command";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { copyImage, imageName } from "@containers/image/copy/copy-image";
import type { CopyOptions } from "@containers/image/copy/copy-options";
import type { ImageReference } from "@containers/image/transports/transport";
import { planSync, type SyncDestination, type SyncLog, type SyncSource, type SyncStep, syncDestination } from "../../sync/plan.ts";
import { refuseSequoia, sharedCopyFlags, sharedCopyOptions, signer, trustPolicy } from "../flags/copy.ts";
import { imageContext, registrySideFlags, retryFlags } from "../flags/image.ts";
import { logLine } from "../log-line.ts";
import { outputProgress } from "../progress.ts";
import { type SkopeoCommand, withCommand } from "../with-command.ts";

const flags = {
  authfile: { type: "string", description: "path of the registry credentials file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json" },
  ...registrySideFlags("src-"),
  ...registrySideFlags("dest-"),
  ...retryFlags,
  ...sharedCopyFlags,
  src: { type: "string", short: "s", description: "SOURCE transport type" },
  dest: { type: "string", short: "d", description: "DESTINATION transport type" },
  scoped: { type: "bool", description: "Images at DESTINATION are prefix using the full source image path as scope" },
  "append-suffix": { type: "string", description: "String to append to DESTINATION tags" },
  digestfile: {
    type: "string",
    description: "Write the digests and Image References of the resulting images to the specified file, separated by newlines",
  },
  all: { type: "bool", short: "a", description: "Copy all images if SOURCE-IMAGE is a list" },
  "dry-run": { type: "bool", description: "Run without actually copying data" },
  "keep-going": { type: "bool", description: "Do not abort the sync if any image copy fails" },
} as const;

type SyncFlags = FlagValues<typeof flags>;

/** `skopeo sync`. */
export const syncCommand = defineCommand({
  name: "sync",
  summary: "Synchronize one or more images from one location to another",
  description: `Copy all the images from a SOURCE to a DESTINATION.

Allowed SOURCE transports (specified with --src): docker, dir, yaml.
Allowed DESTINATION transports (specified with --dest): docker, dir.

See skopeo-sync(1) for details.
`,
  usage: "--src TRANSPORT --dest TRANSPORT SOURCE DESTINATION",
  examples: ["skopeo sync --src docker --dest dir --scoped registry.example.com/busybox /media/usb"],
  flags,
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) => withCommand(invocation, (command) => sync(invocation, command)),
});

async function sync(invocation: Invocation<SyncFlags>, command: SkopeoCommand): Promise<void> {
  const { flags: values, args, out } = invocation;
  const [source, destination, more] = args;
  if (source === undefined || destination === undefined || more !== undefined)
    throw new ToolError("invalid-argument", "Exactly two arguments expected");
  const { from, to } = transports(values);
  refuseSequoia(command);
  const context = { source: imageContext(command, "src-", command.signal), destination: imageContext(command, "dest-", command.signal) };
  const options: CopyOptions = {
    ...sharedCopyOptions(values),
    context,
    multiArch: values.all ? "all" : "system",
    policy: trustPolicy(command.globals),
    signal: command.signal,
    skipPresent: true,
  };
  const log: SyncLog = (level, message, fields) => out.stderr(logLine(level, message, fields));
  const plan = {
    from,
    to,
    scoped: values.scoped,
    appendSuffix: values.appendSuffix ?? "",
    registry: context.source.registry ?? {},
    log,
    signal: command.signal,
  };
  const steps = await command.retrying(() => planSync(source, destination, plan));
  if (values.digestfile && !values.dryRun) writeFileSync(values.digestfile, "", { mode: 0o644 });
  if (values.dryRun) log("warning", "Running in dry-run mode");
  const groups = groupsOf(steps);
  let failed = 0;
  for (const steps of groups) {
    for (const [position, step] of steps.entries()) {
      const destination = syncDestination(step, to);
      const fields = { from: imageName(step.source), to: imageName(destination) };
      const count = `image ref ${position + 1}/${steps.length}`;
      log("info", `${values.dryRun ? "Would have copied" : "Copying"} ${count}`, fields);
      if (values.dryRun) continue;
      try {
        const digest = await copyStep(step, { to, destination, options, values, command, out });
        if (values.digestfile) appendFileSync(values.digestfile, `${digest} ${fields.to}\n`);
      } catch (error) {
        const what = `Error copying ref ${JSON.stringify(fields.from)}`;
        if (!values.keepGoing || command.signal.aborted) throw wrapError(what, error);
        failed++;
        log("error", what, { error: describeError(error) });
      }
    }
  }
  log("info", `${values.dryRun ? "Would have synced" : "Synced"} ${steps.length - failed} images from ${groups.length} sources`);
  if (failed > 0) throw new ToolError("internal", "Sync failed due to previous reported error(s) for one or more images");
}

/** The steps by the repository or directory that they come from, in their order. */
function groupsOf(steps: readonly SyncStep[]): ReadonlyArray<readonly SyncStep[]> {
  const groups = new Map<string, SyncStep[]>();
  for (const step of steps) groups.set(step.group, [...(groups.get(step.group) ?? []), step]);
  return [...groups.values()];
}

async function copyStep(
  step: SyncStep,
  how: {
    readonly to: SyncDestination;
    readonly destination: ImageReference;
    readonly options: CopyOptions;
    readonly values: SyncFlags;
    readonly command: SkopeoCommand;
    readonly out: Output;
  },
): Promise<string> {
  if (how.to === "dir") mkdirSync(dirname(step.destination), { recursive: true });
  const { context } = how.options;
  const source = step.access === undefined ? context?.source : { ...context?.source, registry: step.access };
  const options = { ...how.options, context: { ...context, source } };
  const report = await how.command.retrying(async () =>
    copyImage(step.source, how.destination, {
      ...options,
      sign: await signer(how.values, how.destination),
      progress: await outputProgress(how.out),
    }),
  );
  return report.digest;
}

function transports(values: SyncFlags): { from: SyncSource; to: SyncDestination } {
  const { src: from, dest: to } = values;
  if (!from) throw new ToolError("invalid-argument", "A source transport must be specified");
  if (from !== "docker" && from !== "dir" && from !== "yaml")
    throw new ToolError("invalid-argument", `"${from}" is not a valid source transport`);
  if (!to) throw new ToolError("invalid-argument", "A destination transport must be specified");
  if (to !== "docker" && to !== "dir") throw new ToolError("invalid-argument", `"${to}" is not a valid destination transport`);
  if (from === "dir" && to === "dir")
    throw new ToolError("invalid-argument", "sync from 'dir' to 'dir' not implemented, consider using rsync instead");
  return { from, to };
}
