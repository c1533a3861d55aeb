import { lstatSync } from "node:fs";
import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveInRoot } from "@containers/common/fs/open-in-root";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { artifactStore, requireArtifact } from "@containers/image/artifacts/artifact-store";
import { artifactBlobs } from "@containers/image/artifacts/extract-artifact";
import type { ArtifactMountSpec } from "../../container-spec/volume-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig, MountConfig } from "../config.ts";

/**
 * `--mount type=artifact`: binds of an artifact's files, for reading only: they are the store's own. Onto a file of the image, or
 * where nothing is and the artifact has one file, the target is that file; else a directory for files under their titles.
 *
 * @throws ToolError not-found for a missing artifact, invalid-argument where several files meet a file
 */
export function artifactMounts(engine: Pick<Engine, "sys" | "store">, { mounts }: ContainerConfig, rootfs: string): SpecMount[] {
  return artifactsAmong(mounts).flatMap((mount) => {
    const { source, target, name, title, digest } = mount;
    const choice = { ...(title === undefined ? {} : { title }), ...(digest === undefined ? {} : { digest }) };
    const blobs = artifactBlobs(artifactStore(engine.store.graphRoot), source, choice);
    const there = lstatSync(resolveInRoot(engine.sys, rootfs, target), { throwIfNoEntry: false });
    const isFile = there === undefined ? blobs.length === 1 : !there.isDirectory();
    if (isFile && blobs.length > 1) {
      throw new ToolError("invalid-argument", `artifact "${source}" contains more than one blob and container path "${target}" is a file`);
    }
    const nameOf = (title: string, at: number): string => (name === undefined ? title : blobs.length > 1 ? `${name}-${at}` : name);
    return blobs.map((blob, at) => ({
      destination: isFile ? target : posix.join(target, nameOf(blob.name, at)),
      type: "bind",
      source: blob.source,
      options: ["bind", "ro"],
    }));
  });
}

/** @throws ToolError not-found when a container is to get files of an artifact that is not here */
export function requireArtifacts({ store }: Pick<Engine, "store">, mounts: readonly MountConfig[]): void {
  for (const { source } of artifactsAmong(mounts)) requireArtifact(artifactStore(store.graphRoot), source);
}

function artifactsAmong(mounts: readonly MountConfig[]): ArtifactMountSpec[] {
  return mounts.filter((mount) => mount.type === "artifact");
}
