import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";
import { mountShm, unmountShm } from "./shm.ts";

/** /dev/shm goes with the ipc namespace: the host's, another container's, or one of our own. */
export function shmSource(engine: Engine, config: ContainerConfig): string | undefined {
  if (config.mounts.some(({ target }) => target === "/dev/shm")) return undefined;
  const { ipc } = config.namespaces;
  switch (ipc.kind) {
    case "host":
      return "/dev/shm";
    case "container":
      return shmOfLender(engine, ipc.container);
    case "none":
    case "private":
      return undefined;
    default:
      unmountShm(engine.sys, config.staticDir);
      return ownShm(engine, config);
  }
}

/** Whose ipc namespace is the host's has the host's /dev/shm too, and may itself have borrowed. */
function shmOfLender(engine: Engine, id: string): string | undefined {
  const lender = engine.state.containers.get(id)?.config;
  if (lender === undefined) throw new ToolError("not-found", `no container with name or ID "${id}" found: no such container`);
  const { ipc } = lender.namespaces;
  if (ipc.kind === "host") return "/dev/shm";
  return ipc.kind === "container" ? shmOfLender(engine, ipc.container) : `${lender.staticDir}/shm`;
}

function ownShm(engine: Engine, config: ContainerConfig): string {
  const path = mountShm(engine.sys, config.staticDir, config.shmSize);
  giveToRoot(config, path);
  return path;
}
