import { defineCommand, defineFlags, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ResourceSpec } from "../../../container-spec/resource-spec.ts";
import { cloneContainer } from "../../../containers/creation/clone.ts";
import { resourceFlags, resourceSpec } from "../../flags/resource-flags.ts";
import { engineForImages } from "./engine-for-images.ts";

/** Limits that a clone may have of its own. */
const cloneResourceFlags = defineFlags({
  "blkio-weight": resourceFlags["blkio-weight"],
  "blkio-weight-device": resourceFlags["blkio-weight-device"],
  "cpu-period": resourceFlags["cpu-period"],
  "cpu-quota": resourceFlags["cpu-quota"],
  "cpu-rt-period": resourceFlags["cpu-rt-period"],
  "cpu-rt-runtime": resourceFlags["cpu-rt-runtime"],
  "cpu-shares": resourceFlags["cpu-shares"],
  cpus: resourceFlags.cpus,
  "cpuset-cpus": resourceFlags["cpuset-cpus"],
  "cpuset-mems": resourceFlags["cpuset-mems"],
  "device-read-bps": resourceFlags["device-read-bps"],
  "device-write-bps": resourceFlags["device-write-bps"],
  memory: resourceFlags.memory,
  "memory-reservation": resourceFlags["memory-reservation"],
  "memory-swap": resourceFlags["memory-swap"],
  "memory-swappiness": resourceFlags["memory-swappiness"],
});

/** `podman container clone`. */
export const cloneCommand = defineCommand({
  name: "clone",
  summary: "Clone an existing container",
  description: "Makes a container like another one, with other limits, another name or image where they are given, and prints its id.",
  usage: "CONTAINER NAME IMAGE",
  examples: ["podman container clone container_name new_name image_name"],
  flags: {
    ...cloneResourceFlags,
    destroy: { type: "bool", description: "Remove the original container" },
    force: { type: "bool", short: "f", description: "Remove the original also when it runs" },
    name: { type: "string", description: "Name of the new container" },
    pod: { type: "string", description: "Pod that the new container joins" },
    run: { type: "bool", description: "Start the new container" },
  },
  args: { min: 1, max: 3 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [reference = "", name = flags.name, image] = args;
    if (flags.force && !flags.destroy) throw new ToolError("invalid-argument", "cannot set --force without --destroy: invalid argument");
    const { config } = await cloneContainer(engineForImages(invocation), reference, {
      ...(name ? { name } : {}),
      ...(image ? { image } : {}),
      ...(flags.pod ? { pod: flags.pod } : {}),
      resources: limitsOf(invocation),
      destroy: flags.destroy,
      force: flags.force,
      start: flags.run,
    });
    out.stdout(`${config.id}\n`);
    return undefined;
  },
});

/** What the flags say; what a clone has no flags for stays as it is. */
function limitsOf({ flags, given }: Invocation<FlagValues<typeof cloneResourceFlags>>): ResourceSpec {
  const asked = resourceSpec({ ...flags, ...OTHER_RESOURCES }, given);
  const { cgroups: _cgroups, oomKillDisable: _oom, unified: _unified, sysctls: _sysctls, ...limits } = asked;
  return limits;
}

const OTHER_RESOURCES = {
  cgroupConf: [],
  cgroupParent: undefined,
  cgroups: "enabled",
  deviceCgroupRule: [],
  deviceReadIops: [],
  deviceWriteIops: [],
  kernelMemory: undefined,
  oomKillDisable: false,
  oomScoreAdj: undefined,
  pidsLimit: undefined,
  rdtClass: undefined,
  sysctl: [],
  ulimit: [],
};
