import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import type { ResourceSpec } from "../../container-spec/resource-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { resolvePod } from "../../pods/resolve-pod.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { startContainers } from "../lifecycle/start.ts";
import { removeContainers } from "../removal/remove.ts";
import { cloneName } from "./clone-name.ts";
import { createContainer } from "./create.ts";
import { specOfConfig } from "./spec-of-config.ts";

export interface CloneOptions {
  /** Default: the name with `-clone` behind it. */
  readonly name?: string;
  /** Instead of the container's own. */
  readonly image?: string;
  /** Limits that differ. */
  readonly resources?: ResourceSpec;
  /** A pod to join, instead of the networks and namespaces of its own that the pod shares. */
  readonly pod?: string;
  /** Remove the container once it is copied; with `force` also a running one. */
  readonly destroy?: boolean;
  readonly force?: boolean;
  readonly start?: boolean;
}

/**
 * Makes a container like another: same image, command, environment, limits, networks and volumes.
 * @throws ToolError not-found; invalid-argument for `force` without `destroy`
 */
export async function cloneContainer(engine: Engine, reference: string, options: CloneOptions = {}): Promise<Container> {
  if (options.force === true && options.destroy !== true)
    throw new ToolError("invalid-argument", "cannot set --force without --destroy: invalid argument");
  const { config } = resolveContainer(engine, reference);
  const spec = cloneSpec(engine, config, options);
  const made = await createContainer(engine, spec);
  if (options.destroy === true) await fail(await removeContainers(engine, [config.id], { force: options.force === true }), 125);
  if (options.start === true) await fail(await startContainers(engine, [made.config.id]));
  return made;
}

async function fail(reports: ReadonlyArray<{ readonly error?: Error }>, exitCode?: number): Promise<void> {
  const error = reports.find((report) => report.error !== undefined)?.error;
  if (error instanceof ToolError && exitCode !== undefined)
    throw new ToolError(error.kind, error.message, { code: error.code, exitCode, cause: error });
  if (error !== undefined) throw error;
}

function cloneSpec(engine: Engine, config: ContainerConfig, options: CloneOptions): ContainerSpec {
  const own = specOfConfig(config);
  const name = options.name ?? cloneName(config.name, (one) => engine.state.containers.resolve(one)?.config.name === one);
  const resources = mergeResources(own.resources, options.resources ?? {});
  const image = options.image === undefined ? {} : { image: options.image };
  const spec = { ...own, ...image, name, resources };
  // One of a pod's containers has its likeness there too.
  const pod = options.pod ?? (config.isInfra ? "" : config.podId);
  return pod === "" ? spec : { ...spec, ...intoPod(engine, spec, pod) };
}

/** A limit of processor time replaces the one of the other kind. */
function mergeResources(own: ResourceSpec, asked: ResourceSpec): ResourceSpec {
  const given = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
  const merged: ResourceSpec = { ...own, ...given };
  if (asked.cpus !== undefined) return { ...merged, cpuPeriod: undefined, cpuQuota: undefined };
  if (asked.cpuPeriod !== undefined || asked.cpuQuota !== undefined) return { ...merged, cpus: undefined };
  return merged;
}

/** What the pod shares is no longer the container's own. */
function intoPod(engine: Engine, spec: ContainerSpec, reference: string): Partial<ContainerSpec> {
  const pod = resolvePod(engine, reference);
  const { pid, ipc, uts, cgroup, ...rest } = spec.namespaces;
  const kept = { pid, ipc, uts, cgroup };
  const namespaces = Object.fromEntries(
    Object.entries(kept).filter(([name, mode]) => !pod.shared.some((shared) => shared === name) && mode?.kind !== "container"),
  );
  const sharesNetwork = pod.shared.includes("net") || spec.network.mode?.kind === "container";
  if (pod.shared.includes("net") && Object.keys(spec.network.networks ?? {}).length > 0)
    engine.warn("resetting network config, cannot specify a network other than the pod's when sharing the net namespace");
  const { expose } = spec.network;
  return {
    pod: pod.id,
    namespaces: { ...namespaces, ...(rest.user?.kind === "container" ? {} : { user: rest.user }) },
    network: sharesNetwork ? { expose } : spec.network,
    hostname: pod.shared.includes("uts") ? undefined : spec.hostname,
  };
}
