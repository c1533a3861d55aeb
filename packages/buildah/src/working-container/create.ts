import { isErrorOfKind, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { DEFAULT_CAPABILITIES } from "@containers/common/security/capabilities";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { PullPolicy } from "@containers/image/local-images/pull-policy";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { transportOf } from "@containers/image/transports/register";
import type { PlatformChoice } from "@containers/image/transports/transport";
import type { Store } from "@containers/storage/store";
import { timestampNow } from "../executor/clock.ts";
import { scratchConfig } from "./image-config.ts";
import { recordPath } from "./open.ts";
import { parseImageConfig } from "./read-config.ts";
import type { ImageFormat, Isolation, WorkingContainer } from "./record.ts";
import { recordToJson } from "./record-json.ts";

export interface CreateOptions {
  /** Name, id, `transport:…` or `scratch`. */
  readonly from: string;
  readonly name?: string;
  /** Of a name that is made up: `working-container` unless told. */
  readonly suffix?: string;
  readonly pull: PullPolicy;
  readonly platform?: PlatformChoice;
  readonly format: ImageFormat;
  readonly isolation: Isolation;
  readonly network?: string;
  readonly capabilities?: readonly string[];
  readonly volumes?: readonly string[];
  /** The base is the build's own work so far: its notes about the original base stay. */
  readonly keepAnnotations?: boolean;
  readonly retries?: number;
  readonly retryDelay?: number;
}

/** Everything of a working container but the container itself: enough to look into the cache. */
export type WorkingBase = Omit<WorkingContainer, "id" | "name">;

/** Makes a working container on an image, which is pulled as the policy says, or on nothing for `scratch`. */
export async function createWorkingContainer(images: LocalImages, options: CreateOptions): Promise<WorkingContainer> {
  const { name, suffix } = options;
  return materialize(images.store, await loadBase(images, options), {
    ...(name === undefined ? {} : { name }),
    ...(suffix === undefined ? {} : { suffix }),
  });
}

/** Finds (or pulls) the base image and reads what a working container on it starts with. */
export async function loadBase(images: LocalImages, options: CreateOptions): Promise<WorkingBase> {
  const base = options.from === "scratch" || options.from === "" ? undefined : await findBase(images, options);
  const config = base === undefined ? scratchConfig(options.platform) : parseImageConfig(base.config, base.name);
  return {
    fromImage: base?.name ?? "",
    fromImageId: base?.id ?? "",
    fromImageDigest: base?.digest ?? "",
    topLayer: base?.layer ?? "",
    config: { ...config, created: config.created ?? timestampNow() },
    annotations: {
      ...base?.annotations,
      ...(options.keepAnnotations === true
        ? {}
        : { "org.opencontainers.image.base.digest": base?.digest ?? "", "org.opencontainers.image.base.name": base?.name ?? "" }),
    },
    format: options.format,
    historyBefore: [],
    historyAfter: [],
    createdBy: "",
    historyComment: "",
    mountLabel: "",
    processLabel: "",
    capabilities: options.capabilities ?? DEFAULT_CAPABILITIES,
    isolation: options.isolation,
    volumes: options.volumes ?? [],
    ...(options.network === undefined ? {} : { network: options.network }),
    imageConfigText: base === undefined ? "" : Buffer.from(base.config).toString("utf8"),
    imageManifestText: base?.manifest ?? "",
  };
}

interface ChosenName {
  readonly name?: string;
  readonly id?: string;
  readonly suffix?: string;
}

/** Makes the container for a base: its writable layer and its record. Without a name or an id it gets one of ours. */
export function materialize(store: Store, base: WorkingBase, chosen: ChosenName = {}): WorkingContainer {
  const record = createContainer(store, base, chosen);
  const hostname = base.format === "docker" && base.config.hostname === "" ? record.id.slice(0, 12) : base.config.hostname;
  const container: WorkingContainer = { ...base, config: { ...base.config, hostname }, id: record.id, name: record.name };
  try {
    saveWorkingContainer(store, container);
  } catch (error) {
    store.containers.remove(container.id);
    throw error;
  }
  return container;
}

/** Writes the record beside the container. */
export function saveWorkingContainer(store: Store, container: WorkingContainer): void {
  writeFileAtomic(recordPath(store, container.id), JSON.stringify(recordToJson(container)), { mode: 0o600 });
}

interface BaseImage {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly layer: string;
  readonly config: Uint8Array;
  readonly manifest: string;
  readonly annotations: Readonly<Record<string, string>>;
}

async function findBase(images: LocalImages, options: CreateOptions): Promise<BaseImage> {
  const local =
    (options.pull === "missing" || options.pull === "never") && transportOf(options.from) === undefined
      ? resolveLocalImage(images, options.from, { platform: options.platform })
      : undefined;
  if (local !== undefined) return readBase(images.store, local.image.id, local.name);
  // Only loaded when something is to be fetched.
  const { pullImage } = await import("@containers/image/local-images/pull");
  const pulled = await pullImage(images, options.from, {
    policy: options.pull,
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.retries === undefined ? {} : { retries: options.retries }),
    ...(options.retryDelay === undefined ? {} : { retryDelay: options.retryDelay }),
  });
  return readBase(images.store, pulled.id, pulled.name);
}

function readBase(store: Store, id: string, name: string): BaseImage {
  const image = store.images.get(id);
  const config = store.images.bigData(id, `sha256:${id}`);
  if (image === undefined || config === undefined) throw new ToolError("corrupt", `image ${name} has no config`);
  const manifest = Buffer.from(store.images.bigData(id, "manifest") ?? []).toString("utf8");
  return { id, name, digest: image.digest ?? "", layer: image.layer ?? "", config, manifest, annotations: manifestAnnotations(manifest) };
}

function manifestAnnotations(manifest: string): Readonly<Record<string, string>> {
  const value: unknown = manifest === "" ? {} : JSON.parse(manifest);
  const annotations = typeof value === "object" && value !== null && "annotations" in value ? value.annotations : undefined;
  const entries = Object.entries(typeof annotations === "object" && annotations !== null ? annotations : {});
  return Object.fromEntries(entries.flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])));
}

function createContainer(
  store: Store,
  base: WorkingBase,
  { name: wanted, id, suffix = "working-container" }: ChosenName,
): { id: string; name: string } {
  const prefix = base.fromImage === "" ? suffix : `${shortName(base.fromImage)}-${suffix}`;
  for (let attempt = 0; ; attempt++) {
    const name = wanted ?? unusedName(store, prefix);
    try {
      const record = store.containers.create({
        ...(id === undefined ? {} : { id }),
        names: [name],
        volatile: true,
        ...(base.fromImageId === "" ? {} : { image: base.fromImageId }),
      });
      return { id: record.id, name };
    } catch (error) {
      // Another build may have taken the name in the meantime.
      if (!isErrorOfKind(error, "already-exists")) throw error;
      if (wanted !== undefined || attempt > 20) throw wrapError("creating container", error);
    }
  }
}

function unusedName(store: Store, prefix: string): string {
  const used = new Set(store.containers.list().flatMap((container) => container.names));
  if (!used.has(prefix)) return prefix;
  for (let suffix = 1; ; suffix++) {
    if (!used.has(`${prefix}-${suffix}`)) return `${prefix}-${suffix}`;
  }
}

/** `bb` of `quay.io/demo/bb:latest`. */
function shortName(image: string): string {
  const withoutDigest = image.replace(/@.*$/, "");
  return withoutDigest.slice(withoutDigest.lastIndexOf("/") + 1).replace(/:.*$/, "");
}
