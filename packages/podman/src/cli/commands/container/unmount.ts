import { defineCommand } from "@containers/common/cli/define-command";
import { mountedContainers, unmountContainers } from "../../../containers/mount.ts";
import { chooseContainers, engineFor, latestFlag, printReports } from "./targets.ts";

/** `podman unmount`. */
export const unmountCommand = defineCommand({
  name: "unmount",
  aliases: ["umount"],
  summary: "Unmount a container's root file system",
  description: "Takes back what `podman mount` did; a file system that was mounted several times stays until the last.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman unmount ctrID", "podman unmount ctrID1 ctrID2 ctrID3", "podman unmount --all"],
  flags: {
    ...latestFlag,
    all: { type: "bool", short: "a", description: "Unmount all containers that do not run" },
    force: { type: "bool", short: "f", description: "Take back every mount at once" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { args, all: flags.all, latest: flags.latest });
    if (!flags.all) return printReports(await unmountContainers(engine, chosen, flags.force), out);
    const mounted = mountedContainers(engine).filter(({ id }) => engine.state.containers.get(id)?.state.mountPoint === undefined);
    const reports = await unmountContainers(
      engine,
      mounted.map(({ id }) => id),
      flags.force,
    );
    return printReports(reports, out);
  },
});
