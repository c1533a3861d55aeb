import { defineCommand } from "@containers/common/cli/define-command";
import { resolveVolume } from "../../../volumes/inspect.ts";
import { mountVolume, unmountVolume } from "../../../volumes/mount.ts";
import { needsMount } from "../../../volumes/volume-path.ts";
import { requireUnshare } from "../container/mount.ts";
import { engineFor } from "../container/targets.ts";

/** `podman volume mount`. */
export const volumeMountCommand = defineCommand({
  name: "mount",
  summary: "Mount a volume",
  description: "Mounts a volume's files and prints where they are.",
  usage: "VOLUME",
  examples: ["podman volume mount myvol"],
  flags: {},
  args: { min: 1, max: 1 },
  // Entering a namespace for this command alone would lose the mount with it.
  needsUserNamespace: false,
  run: async (invocation) => {
    const engine = engineFor(invocation);
    const volume = resolveVolume(engine, invocation.args[0] ?? "");
    if (needsMount(volume)) requireUnshare(invocation.commandPath);
    invocation.out.stdout(`${await mountVolume(engine, volume.name)}\n`);
    return undefined;
  },
});

/** `podman volume unmount`. */
export const volumeUnmountCommand = defineCommand({
  name: "unmount",
  aliases: ["umount"],
  summary: "Unmount a volume",
  description: "Takes one mount of a volume back; the last one unmounts it.",
  usage: "VOLUME",
  examples: ["podman volume unmount myvol"],
  flags: {},
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: async (invocation) => {
    const engine = engineFor(invocation);
    const { name } = resolveVolume(engine, invocation.args[0] ?? "", { exitCode: 125 });
    await unmountVolume(engine, name);
    invocation.out.stdout(`${name}\n`);
    return undefined;
  },
});
