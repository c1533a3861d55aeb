import { defineCommand } from "@containers/common/cli/define-command";
import { toJson } from "@containers/common/report/json";
import { listWorkingContainers, openWorkingContainer } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah mount`. */
export const mountCommand = defineCommand({
  name: "mount",
  summary: "Mount a working container's root filesystem",
  description: "Mounts a working container's root filesystem for manipulation.",
  usage: "[CONTAINER...]",
  examples: ["buildah mount", "buildah mount containerID", "buildah mount containerID1 containerID2"],
  flags: {
    json: { type: "bool", description: "output in JSON format" },
    notruncate: { type: "bool", hidden: true, description: "accepted for the sake of old scripts: nothing is truncated" },
  },
  args: { min: 0 },
  run: ({ flags, args, globals, out }) => {
    const store = openCommandStore(globals);
    if (args.length > 0) {
      const mounted = args.map((name) => ({ name, mountPoint: store.containers.mount(openWorkingContainer(store, name).id) }));
      if (flags.json) out.stdout(`${toJson(mounted.map(({ mountPoint }) => ({ mountPoint })))}\n`);
      else
        out.stdout(mounted.map(({ name, mountPoint }) => (mounted.length === 1 ? `${mountPoint}\n` : `${name} ${mountPoint}\n`)).join(""));
      return undefined;
    }
    const rows = listWorkingContainers(store).flatMap((container) => {
      const layer = store.containers.get(container.id)?.layer;
      const mountPoint = layer === undefined ? undefined : store.layers.mountPoint(layer);
      return mountPoint === undefined ? [] : [{ container: container.name, mountPoint }];
    });
    if (flags.json) out.stdout(`${toJson(rows)}\n`);
    else out.stdout(rows.map((row) => `${row.container} ${row.mountPoint}\n`).join(""));
    return undefined;
  },
});
