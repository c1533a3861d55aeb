import { statSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig, MountConfig } from "../../containers/config.ts";
import type { KubeObject, KubeVolume } from "./kube-objects.ts";

export interface VolumeMounts {
  readonly mounts: readonly KubeObject[];
  readonly volumes: readonly KubeVolume[];
  /** Bind mounts that are relabelled: `PATH:z`. */
  readonly relabelled: readonly string[];
}

type HostMount = Extract<MountConfig, { readonly type: "bind" | "tmpfs" }>;

/** The user's mounts: those of host paths and of memory first, numbered, then volumes. */
export function volumeMounts({ mounts }: Pick<ContainerConfig, "mounts">): VolumeMounts {
  const own = mounts.filter((mount) => mount.type === "bind" || mount.type === "tmpfs").map(hostMount);
  const named = mounts.filter((mount) => mount.type === "volume").map(volumeClaim);
  return {
    mounts: [...own, ...named].map(({ mount }) => mount),
    volumes: [...own, ...named].map(({ volume }) => volume),
    relabelled: mounts.flatMap((mount) => {
      const label = mount.type === "bind" ? mount.options.find((option) => option === "z" || option === "Z") : undefined;
      return mount.type === "bind" && label !== undefined ? [`${mount.source}:${label}`] : [];
    }),
  };
}

function hostMount(mount: HostMount, index: number): { readonly mount: KubeObject; readonly volume: KubeVolume } {
  const name = `${mount.type === "tmpfs" ? "tmp" : `${nameOfPath(mount.source)}-host`}-${index}`;
  const source =
    mount.type === "tmpfs" ? { emptyDir: { medium: "Memory" } } : { hostPath: { path: mount.source, type: kindOf(mount.source) } };
  return {
    mount: { mountPath: mount.target, name, readOnly: mount.options.includes("ro") || undefined },
    volume: { name, ...source },
  };
}

function volumeClaim(mount: Extract<MountConfig, { readonly type: "volume" }>): { mount: KubeObject; volume: KubeVolume } {
  const claimName = kubeVolumeName(mount.name);
  const name = `${claimName}-pvc`;
  const readOnly = mount.options.includes("ro") || undefined;
  return {
    mount: { mountPath: mount.target, name, readOnly, subPath: mount.subpath },
    volume: { name, persistentVolumeClaim: { claimName, readOnly } },
  };
}

function kindOf(path: string): "Directory" | "File" | "DirectoryOrCreate" {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "DirectoryOrCreate";
  return stat.isDirectory() ? "Directory" : "File";
}

function nameOfPath(path: string): string {
  if (path === "") throw new ToolError("invalid-argument", "hostSourcePath must be specified to generate volume name");
  return path === "/" ? "root" : kubeVolumeName(path);
}

/** `/mnt/My_Data` → `mnt-my-data`: what kubernetes takes for a name. */
function kubeVolumeName(source: string): string {
  return source
    .replace(/^\/+|\/+$/g, "")
    .replaceAll(/[/_]/g, "-")
    .toLowerCase();
}
