import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { parseDecimalSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import { parseMountFlag } from "@containers/common/mount-syntax/parse-mount-flag";
import { parseTmpfs } from "@containers/common/mount-syntax/parse-tmpfs";
import { parseVolume } from "@containers/common/mount-syntax/parse-volume";
import type { ContainerSpec, LogSpec } from "../../container-spec/container-spec.ts";
import { keyValues } from "./read-lists.ts";

/** Mounts, devices and logs. */
export const storageFlags = defineFlags({
  device: { type: "stringArray", description: "Give the container a device (host[:container][:rwm])" },
  gpus: { type: "stringSlice", description: "Give the container GPUs (all, or numbers)" },
  "image-volume": {
    type: "string",
    default: "anonymous",
    description: 'What becomes of the image\'s volumes ("anonymous", "tmpfs", "ignore")',
  },
  "log-driver": {
    type: "string",
    description: "Where the output is kept (k8s-file, json-file, journald, none, passthrough, passthrough-tty)",
  },
  "log-opt": { type: "stringArray", description: "Option of the log (path=, max-size=, tag=)" },
  mount: { type: "stringArray", description: "Mount a file system (type=bind,src=…,dst=…)" },
  "read-only": { type: "bool", description: "Make the root file system read-only" },
  "read-only-tmpfs": { type: "bool", default: true, description: "With --read-only: writable tmpfs on /run, /tmp and /var/tmp" },
  "shm-size": { type: "bytes", description: "Size of /dev/shm" },
  "shm-size-systemd": { type: "bytes", description: "Size of each tmpfs that systemd inside gets" },
  tmpfs: { type: "stringArray", valueName: "tmpfs", description: "Mount a tmpfs (path[:options])" },
  volume: { type: "stringArray", short: "v", description: "Mount a volume or a host directory ([source:]path[:options])" },
  "volumes-from": { type: "stringArray", description: "Take over the volumes of a container" },
});

type Values = FlagValues<typeof storageFlags>;

/** The part of a spec that {@link storageFlags} say. */
export function storageSpec(values: Values, given: (flag: string) => boolean): Partial<ContainerSpec> {
  return {
    volumes: [...values.mount.map(parseMountFlag), ...values.volume.map(parseVolume), ...values.tmpfs.map(parseTmpfs)],
    volumesFrom: values.volumesFrom,
    imageVolumes: !given("image-volume") ? undefined : imageVolumeMode(values.imageVolume),
    devices: values.device.filter((text) => !isCdiDevice(text)).map(parseDevice),
    cdiDevices: [...values.device.filter(isCdiDevice), ...values.gpus.map((name) => `nvidia.com/gpu=${name}`)],
    shmSizeSystemd: values.shmSizeSystemd,
    readOnly: given("read-only") ? values.readOnly : undefined,
    readOnlyTmpfs: values.readOnlyTmpfs,
    shmSize: checkShmSize(values.shmSize),
    log: logSpec(values),
  };
}

const logDrivers = ["k8s-file", "json-file", "none", "passthrough", "passthrough-tty", "journald"];

function logSpec({ logDriver, logOpt }: Values): LogSpec | undefined {
  if (logDriver === undefined && logOpt.length === 0) return undefined;
  if (logDriver !== undefined && logDriver !== "" && !logDrivers.includes(logDriver)) {
    throw new ToolError("invalid-argument", "running container create option: invalid log driver: invalid argument");
  }
  const options = keyValues(logOpt);
  const maxSize = options["max-size"] === undefined ? undefined : parseDecimalSize(options["max-size"]);
  if (options["max-size"] !== undefined && maxSize === undefined)
    throw new ToolError("invalid-argument", `invalid size: '${options["max-size"]}'`);
  return { driver: logDriver === "" ? undefined : logDriver, path: options.path || undefined, tag: options.tag, maxSize };
}

/** `vendor.com/class=name`, a device of the Container Device Interface. */
export function isCdiDevice(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]*\/[A-Za-z][\w-]*=[\w.:-]+$/.test(text);
}

function imageVolumeMode(text: string): ContainerSpec["imageVolumes"] {
  if (text === "") return "anonymous";
  if (text === "anonymous" || text === "tmpfs" || text === "ignore") return text;
  throw new ToolError("invalid-argument", `invalid image volume mode ${JSON.stringify(text)} required value: anonymous, tmpfs, ignore`);
}

function checkShmSize(size: number | undefined): number | undefined {
  if (size !== undefined && size < 0) throw new ToolError("invalid-argument", `unable to translate --shm-size: invalid size: '${size}'`);
  return size;
}
