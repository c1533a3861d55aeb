import { ToolError } from "@containers/common/errors/tool-error";
import { checkVolumeOptions } from "@containers/common/mount-syntax/mount-options";
import { containerPath } from "@containers/common/mount-syntax/mount-path";
import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { VolumeSpec } from "../../container-spec/volume-spec.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import type { KubeContainerYaml } from "../schema/pod-schema.ts";
import type { PlayedVolume } from "./volumes.ts";

type Mount = KubeContainerYaml["volumeMounts"][number];

const PROPAGATION: Readonly<Record<string, string>> = { None: "private", HostToContainer: "rslave", Bidirectional: "rshared" };

/**
 * What a container's volumeMounts ask for.
 * @throws ToolError for a volume that the pod does not have, and for paths and options that are none
 */
export function mountsOf(
  mounts: readonly Mount[],
  volumes: ReadonlyMap<string, PlayedVolume>,
  annotations: Readonly<Record<string, string>>,
): { readonly volumes: readonly VolumeSpec[]; readonly devices: readonly DeviceSpec[] } {
  const specs: VolumeSpec[] = [];
  const devices: DeviceSpec[] = [];
  for (const mount of mounts) {
    const source = volumes.get(mount.name);
    if (source === undefined)
      throw new ToolError("invalid-argument", `volume mount ${mount.name} specified for container but not configured in volumes`);
    if (source.kind === "absent") continue;
    const { target, options } = placeOf(mount);
    if (source.kind === "device") devices.push({ source: source.path, target });
    else specs.push(volumeSpec(source, { target, options, subpath: mount.subPath, annotations }));
  }
  return { volumes: specs, devices };
}

function volumeSpec(
  source: Exclude<PlayedVolume, { readonly kind: "absent" | "device" }>,
  place: {
    readonly target: string;
    readonly options: readonly string[];
    readonly subpath: string | undefined;
    readonly annotations: Readonly<Record<string, string>>;
  },
): VolumeSpec {
  const { target, options, annotations } = place;
  const subpath = place.subpath === undefined || place.subpath === "" ? {} : { subpath: place.subpath };
  switch (source.kind) {
    case "bind":
      return {
        type: "bind",
        source: source.path,
        target,
        options: [...options, ...labelOf(source.path, options, annotations)],
        ...subpath,
      };
    case "volume":
      return { type: "volume", name: source.name, anonymous: source.anonymous, target, options, ...subpath };
    case "tmpfs":
      return { type: "tmpfs", target, options: [] };
    case "image":
      return { type: "image", source: source.reference, target, readWrite: false, ...subpath };
  }
}

/** `PATH:OPTION,…` and the flags beside it. */
function placeOf({ mountPath, readOnly, mountPropagation }: Mount): { readonly target: string; readonly options: readonly string[] } {
  const [path = "", optionText, ...more] = mountPath.split(":");
  if (more.length > 0) throw new ToolError("invalid-argument", `"${mountPath}" incorrect volume format, should be ctr-dir[:option]`);
  const propagation = mountPropagation === undefined ? undefined : PROPAGATION[mountPropagation];
  if (mountPropagation !== undefined && propagation === undefined)
    throw new ToolError("invalid-argument", `unknown propagation mode "${mountPropagation}"`);
  const options = checkVolumeOptions([
    ...(optionText === undefined ? [] : optionText.split(",").filter((option) => option !== "")),
    ...(readOnly === true ? ["ro"] : []),
  ]);
  return { target: containerPath(path), options: [...options, ...(propagation === undefined ? [] : [propagation])] };
}

/** How a bind mount is labelled stands in an annotation: kubernetes has no field for it. */
function labelOf(path: string, options: readonly string[], annotations: Readonly<Record<string, string>>): string[] {
  const text = annotations[kubeAnnotations.bindMount] ?? "";
  const colon = text.lastIndexOf(":");
  const isLabelled = options.includes("z") || options.includes("Z");
  return colon !== -1 && text.slice(0, colon) === path && !isLabelled ? [text.slice(colon + 1)] : [];
}
