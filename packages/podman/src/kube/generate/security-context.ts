import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { ContainerConfig } from "../../containers/config.ts";
import type { Engine } from "../../engine/engine.ts";
import { filled, type KubeObject } from "./kube-objects.ts";

type Ports = Pick<Engine, "sys" | "store" | "defaults">;

/** What the container's rights say in a kube file; undefined when they are the usual ones. `imageUser` is the image's USER. */
export function securityContext(engine: Ports, config: ContainerConfig, imageUser: string): KubeObject | undefined {
  const privileged = config.security.privileged ?? false;
  const context: Record<string, unknown> = {
    capabilities: privileged ? undefined : capabilities(engine, config),
    seLinuxOptions: seLinuxOptions(config),
    allowPrivilegeEscalation: config.security.noNewPrivileges === true ? false : undefined,
    privileged: privileged || undefined,
    readOnlyRootFilesystem: config.readOnly || undefined,
    procMount: privileged || config.security.unmask?.includes("ALL") === true ? "Unmasked" : undefined,
  };
  const hasUser = config.user !== "" && !config.isInfra;
  if (!hasUser && Object.values(context).every((value) => value === undefined)) return undefined;
  return {
    ...context,
    ...(hasUser && config.user !== imageUser ? runAs(engine, config) : {}),
    runAsNonRoot: /^\d+$/.test(imageUser) && Number(imageUser) > 0 ? true : undefined,
  };
}

function capabilities({ defaults }: Ports, { capabilities: held }: ContainerConfig): KubeObject | undefined {
  const drop = defaults.capabilities.filter((name) => !held.includes(name));
  const add = held.filter((name) => !defaults.capabilities.includes(name));
  return add.length === 0 && drop.length === 0 ? undefined : { add: filled(add), drop: filled(drop) };
}

function seLinuxOptions({ security }: ContainerConfig): KubeObject | undefined {
  const options: Record<string, string> = {};
  for (const label of security.labelOptions ?? []) {
    const [key = "", value] = splitOnce(label);
    if (value === undefined && key === "disable") options["type"] = "spc_t";
    else if (value !== undefined && key === "filetype") options[key] = value;
    else if (value !== undefined && (key === "type" || key === "level")) options[key] = value;
  }
  return Object.keys(options).length === 0 ? undefined : options;
}

function splitOnce(text: string): [string, string | undefined] {
  const colon = text.indexOf(":");
  return colon === -1 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Kubernetes knows users by number: the container's files say which. */
function runAs({ sys, store }: Ports, config: ContainerConfig): KubeObject {
  const mounted = store.containers.mount(config.id);
  try {
    const { uid, gid } = lookUpUser(sys, mounted, config.user);
    return { runAsUser: uid, runAsGroup: gid };
  } finally {
    store.containers.unmount(config.id);
  }
}
