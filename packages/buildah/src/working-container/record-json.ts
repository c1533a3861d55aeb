import { ToolError } from "@containers/common/errors/tool-error";
import { sortKeys } from "@containers/image/manifest/go-json";
import { dockerConfig, ociConfig } from "../commit/write-config.ts";
import type { HistoryEntry } from "./image-config.ts";
import { readImageConfig } from "./read-config.ts";
import { BUILDAH_VERSION, type Isolation, MEDIA_TYPES, type WorkingContainer } from "./record.ts";

const ISOLATIONS: readonly Isolation[] = ["oci", "chroot", "rootless"];

const NO_AUTO_OPTIONS = {
  Size: 0,
  InitialSize: 0,
  PasswdFile: "",
  GroupFile: "",
  AdditionalUIDMappings: null,
  AdditionalGIDMappings: null,
};

/** The record with the original's keys, so that its buildah can go on with the container. */
export function recordToJson(container: WorkingContainer): Record<string, unknown> {
  return {
    Args: null,
    type: "buildah 0.0.1",
    image: container.fromImage,
    "image-id": container.fromImageId,
    "image-digest": container.fromImageDigest,
    config: base64(container.imageConfigText),
    manifest: base64(container.imageManifestText),
    "container-name": container.name,
    "container-id": container.id,
    ...(container.mountLabel === "" ? {} : { "mount-label": container.mountLabel, "process-label": container.processLabel }),
    annotations: container.annotations,
    ...(container.createdBy === "" ? {} : { "created-by": container.createdBy }),
    ...(container.historyComment === "" ? {} : { "history-comment": container.historyComment }),
    ociv1: ociConfig(container.config),
    docker: dockerConfig(container.config),
    Isolation: ISOLATIONS.indexOf(container.isolation) + 1,
    NamespaceOptions: namespaceOptions(container),
    ConfigureNetwork: container.network === "none" ? 1 : 0,
    CNIPluginPath: "",
    CNIConfigDir: "",
    GroupAdd: null,
    IDMappingOptions: {
      HostUIDMapping: true,
      HostGIDMapping: true,
      UIDMap: [],
      GIDMap: [],
      AutoUserNs: false,
      AutoUserNsOpts: NO_AUTO_OPTIONS,
    },
    Capabilities: container.capabilities,
    PrependedEmptyLayers: historyJson(container.historyBefore),
    AppendedEmptyLayers: historyJson(container.historyAfter),
    CommonBuildOpts: { HTTPProxy: true, ShmSize: "65536k", Volumes: container.volumes },
    TopLayer: container.topLayer,
    Format: MEDIA_TYPES[container.format].manifest,
    TempVolumes: null,
    ContentDigester: {},
    Devices: null,
    DeviceSpecs: [],
    CDIConfigDir: "",
    PrependedLinkedLayers: null,
    AppendedLinkedLayers: null,
  };
}

/** Reads a record, ours or the original's; `id` names the container in errors. */
export function recordFromJson(bytes: Uint8Array, id: string): WorkingContainer {
  const value: unknown = parse(bytes, id);
  const fields = objectOf(value);
  const docker = objectOf(fields["docker"]);
  const oci = objectOf(fields["ociv1"]);
  const config = readImageConfig({
    ...oci,
    comment: docker["comment"] ?? "",
    config: { ...objectOf(docker["config"]), ...objectOf(oci["config"]) },
  });
  const options = objectOf(fields["CommonBuildOpts"]);
  const network = listOf(fields["NamespaceOptions"])
    .map(objectOf)
    .find((option) => option["Name"] === "network");
  return {
    id: text(fields["container-id"]),
    name: text(fields["container-name"]),
    fromImage: text(fields["image"]),
    fromImageId: text(fields["image-id"]),
    fromImageDigest: text(fields["image-digest"]),
    topLayer: text(fields["TopLayer"]),
    config,
    annotations: Object.fromEntries(Object.entries(objectOf(fields["annotations"])).map(([key, entry]) => [key, text(entry)])),
    format: fields["Format"] === MEDIA_TYPES.docker.manifest ? "docker" : "oci",
    historyBefore: readHistory(fields["PrependedEmptyLayers"]),
    historyAfter: readHistory(fields["AppendedEmptyLayers"]),
    createdBy: text(fields["created-by"]),
    historyComment: text(fields["history-comment"]),
    mountLabel: text(fields["mount-label"]),
    processLabel: text(fields["process-label"]),
    capabilities: listOf(fields["Capabilities"]).map(text),
    isolation: ISOLATIONS[Number(fields["Isolation"]) - 1] ?? "oci",
    volumes: listOf(options["Volumes"]).map(text),
    ...(fields["ConfigureNetwork"] === 1 ? { network: "none" } : network?.["Host"] === true ? { network: "host" } : {}),
    imageConfigText: fromBase64(fields["config"]),
    imageManifestText: fromBase64(fields["manifest"]),
  };
}

/** What `buildah inspect` shows of a container. */
export function inspectContainerJson(container: WorkingContainer): Record<string, unknown> {
  const record = recordToJson(container);
  return {
    Type: record["type"],
    FromImage: container.fromImage,
    FromImageID: container.fromImageId,
    FromImageDigest: container.fromImageDigest,
    GroupAdd: null,
    Config: container.imageConfigText,
    Manifest: container.imageManifestText,
    Container: container.name,
    ContainerID: container.id,
    MountPoint: "",
    ProcessLabel: container.processLabel,
    MountLabel: container.mountLabel,
    ImageAnnotations: Object.keys(container.annotations).length === 0 ? null : sortKeys(container.annotations),
    ImageCreatedBy: container.createdBy,
    OCIv1: record["ociv1"],
    Docker: record["docker"],
    DefaultMountsFilePath: "",
    Isolation: container.isolation,
    NamespaceOptions: record["NamespaceOptions"],
    Capabilities: container.capabilities,
    ConfigureNetwork: container.network === "none" ? "NetworkDisabled" : "NetworkDefault",
    CNIPluginPath: "",
    CNIConfigDir: "",
    IDMappingOptions: record["IDMappingOptions"],
    History: [...listOf(objectOf(record["ociv1"])["history"]), ...listOf(record["PrependedEmptyLayers"])],
    Devices: null,
    DeviceSpecs: [],
    CDIConfigDir: "",
  };
}

/** Label that says which buildah made an image. */
export const IDENTITY_LABEL = { name: "io.buildah.version", value: BUILDAH_VERSION } as const;

function namespaceOptions(container: WorkingContainer): object[] {
  const option = (name: string, host: boolean) => ({ Name: name, Host: host, Path: "" });
  return [
    option("cgroup", true),
    option("ipc", false),
    option("mount", false),
    option("network", container.network === "host"),
    option("pid", false),
    option("user", true),
    option("uts", false),
  ];
}

function historyJson(entries: readonly HistoryEntry[]): object[] | null {
  if (entries.length === 0) return null;
  return entries.map((entry) => ({
    ...(entry.created === undefined ? {} : { created: entry.created }),
    created_by: entry.createdBy,
    ...(entry.author === undefined ? {} : { author: entry.author }),
    ...(entry.comment === undefined ? {} : { comment: entry.comment }),
    empty_layer: true,
  }));
}

function readHistory(value: unknown): readonly HistoryEntry[] {
  return readImageConfig({ history: value ?? [] }).history;
}

function parse(bytes: Uint8Array, id: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new ToolError("corrupt", `reading the state of working container ${id}`, { cause: error });
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function base64(content: string): string {
  return Buffer.from(content).toString("base64");
}

function fromBase64(value: unknown): string {
  return Buffer.from(text(value), "base64").toString("utf8");
}
