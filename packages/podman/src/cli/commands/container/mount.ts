import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { mountContainer, mountedContainers } from "../../../containers/mount.ts";
import { chooseContainers, engineFor, latestFlag } from "./targets.ts";

const flags = {
  ...latestFlag,
  all: { type: "bool", short: "a", description: "Mount all containers" },
  format: { type: "string", description: "Print what is mounted as JSON (json)" },
  "no-trunc": { type: "bool", aliases: ["notruncate"], description: "Print ids whole" },
} as const;

/** `podman mount`. */
export const mountCommand = defineCommand({
  name: "mount",
  summary: "Mount a container's root file system",
  description:
    "Mounts containers' root file systems on the host and prints where; without a container it lists what is mounted. An ordinary user runs it inside `podman unshare`.",
  usage: "[CONTAINER...]",
  examples: ["podman mount ctrID", "podman mount ctrID1 ctrID2 ctrID3", "podman mount", "podman mount --all"],
  flags,
  args: { min: 0 },
  // Entering a namespace for this command alone would lose the mount with it.
  needsUserNamespace: false,
  run: (invocation) => mount(invocation),
});

async function mount(invocation: Invocation<FlagValues<typeof flags>>): Promise<undefined> {
  const { flags: values, args, out, commandPath } = invocation;
  requireUnshare(commandPath);
  const format = values.format ?? "";
  if (format !== "" && !isJsonFormat(format))
    throw new ToolError("invalid-argument", `unknown --format argument: ${JSON.stringify(format)}`);
  const engine = engineFor(invocation);
  if (args.length > 0 || values.all || values.latest) {
    const references = await chooseContainers(engine, { args, all: values.all, latest: values.latest });
    for (const reference of references) out.stdout(`${(await mountContainer(engine, reference)).path}\n`);
    return undefined;
  }
  const mounted = mountedContainers(engine);
  if (format !== "") {
    const rows = mounted.map(({ id, name, path }) => ({ id, Names: [name], mountpoint: path }));
    out.stdout(`${toJson(rows, { indent: 1, escapeHtml: true })}\n`);
  } else {
    out.stdout(
      renderTable(
        undefined,
        mounted.map(({ id, path }) => [values.noTrunc ? id : id.slice(0, 12), path]),
      ),
    );
  }
  return undefined;
}

/** A mount made by an ordinary user lives in a user namespace, which has to be there before and after. */
export function requireUnshare(commandPath: string): void {
  if (process.geteuid?.() === 0) return;
  throw new ToolError(
    "unsupported",
    `cannot run command ${JSON.stringify(commandPath)} in rootless mode, must execute \`podman unshare\` first`,
  );
}
