import { mkdirSync, writeFileSync } from "node:fs";
import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { RuntimeSpec } from "@containers/common/spec-builder/runtime-spec";
import { serializeSpec } from "@containers/common/spec-builder/serialize-spec";
import type { Engine } from "../../engine/engine.ts";
import { enterOwnScope } from "../../monitor/monitor-scope.ts";
import { notifyMounts } from "../../systemd/notify.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";
import { writeBoundFiles } from "../prepare/bound-files.ts";
import { defaultMounts } from "../prepare/default-mounts.ts";
import type { NetworkPlace } from "../prepare/network.ts";
import { buildOciConfig } from "../prepare/oci-config.ts";
import { shmSource } from "../prepare/shm-source.ts";
import { isSplit } from "../prepare/split-cgroup.ts";
import { prepareMounts } from "../prepare/volumes.ts";
import { requireWorkdir } from "../prepare/workdir.ts";

/** What a run out of a checkpoint needs besides. */
export interface RestoreRun {
  /** criu's image files. */
  readonly imagePath: string;
  /** Flags of the runtime's. */
  readonly flags: readonly string[];
  /** Makes the written spec fit what was checkpointed. */
  adaptSpec(spec: RuntimeSpec): RuntimeSpec;
  /** Brings files back, with everything mounted; they must be there before the processes are. */
  prepare(rootfs: string): Promise<void>;
}

export async function writeBundle(
  engine: Engine,
  config: ContainerConfig,
  made: { readonly rootfs: string; readonly place: NetworkPlace; readonly rootPath?: string; readonly restore?: RestoreRun },
): Promise<void> {
  const { rootfs, place, rootPath } = made;
  // Only in a cgroup of the user's own can there be one for the container.
  if (isSplit(config)) enterOwnScope(engine);
  const user = lookUpUser(engine.sys, rootfs, config.user);
  const files = writeBoundFiles(engine, config, { rootfs, user });
  const mounts = [...defaultMounts(engine, config), ...prepareMounts(engine, config, { rootfs, user })];
  const artifacts = config.mounts.some(({ type }) => type === "artifact") ? await import("../prepare/artifact-mounts.ts") : undefined;
  requireWorkdir(engine.sys, config, rootfs);
  const shmPath = shmSource(engine, config);
  const secrets = config.secrets.length === 0 ? undefined : await import("../../secrets/container-secrets.ts");
  const environment = secrets === undefined ? config.env : [...config.env, ...secrets.secretEnvironment(engine, config)];
  const spec = await buildOciConfig(
    engine,
    { ...config, env: environment },
    {
      rootfs,
      ...(rootPath === undefined ? {} : { rootPath }),
      mounts: [
        ...files,
        ...mounts,
        ...(artifacts?.artifactMounts(engine, config, rootfs) ?? []),
        ...notifyMounts(config),
        ...(secrets?.secretMounts(config) ?? []),
      ],
      user,
      ...(place.netnsPath === undefined ? {} : { netnsPath: place.netnsPath }),
      ...(shmPath === undefined ? {} : { shmPath }),
    },
  );
  mkdirSync(config.staticDir, { recursive: true, mode: 0o700 });
  // The runtime works in the bundle, and enters the container's user namespace before it is done with it.
  giveToRoot(config, config.staticDir);
  writeFileSync(`${config.staticDir}/config.json`, serializeSpec(made.restore?.adaptSpec(spec) ?? spec), { mode: 0o644 });
  engine.debug(() => `Created OCI spec for container ${config.id} at ${config.staticDir}/config.json`);
}
