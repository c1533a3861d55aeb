import { statSync, writeFileSync } from "node:fs";
import { defineCommand, type Invocation } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { chooseEncryption } from "@containers/image/encryption/choose";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { type PullPolicy, parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { parseAddedFile } from "../../commit/added-files.ts";
import { commitContainer } from "../../commit/commit.ts";
import { overrideConfig } from "../../commit/override-config.ts";
import { nameOf } from "../../containerfile/words/environment.ts";
import { type SbomScan, sbomScan } from "../../sbom/options.ts";
import type { ScanResult } from "../../sbom/scan.ts";
import { openWorkingContainer } from "../../working-container/open.ts";
import { BUILDAH_VERSION, type WorkingContainer } from "../../working-container/record.ts";
import { IDENTITY_LABEL } from "../../working-container/record-json.ts";
import { imageFormat } from "../build-options.ts";
import { blobCacheFlag, registryFlags, sbomFlags } from "../flags/registry.ts";
import { type AnyInvocation, openBuildPorts, openImages, textOption } from "../open-ports.ts";
import { runSettings } from "../run-settings.ts";

type TimeFlag = "omitTimestamp" | "referenceTime" | "timestamp";

const UNSUPPORTED = ["cw"];

/** `buildah commit`. */
export const commitCommand = defineCommand({
  name: "commit",
  summary: "Create an image from a working container",
  description: "Writes a new image using the container's read-write layer and, if it is based\n  on an image, the layers of that image.",
  usage: "CONTAINER [IMAGE]",
  examples: [
    "buildah commit containerID",
    "buildah commit containerID newImageName",
    "buildah commit containerID docker://localhost:5000/newImageId",
  ],
  flags: {
    ...registryFlags,
    ...sbomFlags,
    ...blobCacheFlag,
    "add-file": { type: "stringArray", description: "add contents of a file to the image at a specified path (`source:destination`)" },
    annotation: { type: "stringArray", description: "set metadata for an image (default [])" },
    change: { type: "stringArray", short: "c", description: "apply containerfile `instruction`s to the committed image" },
    config: { type: "string", description: "apply configuration JSON `file` to the committed image" },
    "created-annotation": { type: "bool", default: true, description: 'set an "org.opencontainers.image.created" annotation in the image' },
    cw: { type: "string", description: "confidential workload `options`" },
    "disable-compression": { type: "bool", short: "D", default: true, description: "don't compress layers" },
    "encrypt-layer": { type: "stringSlice", description: "layers to encrypt" },
    "encryption-key": { type: "stringSlice", description: "key with the encryption protocol to use needed to encrypt the image" },
    format: { type: "string", short: "f", description: "`format` of the image manifest and metadata" },
    "identity-label": { type: "bool", default: true, description: "add default builder label (default true)" },
    iidfile: { type: "string", description: "write the image ID to the file" },
    manifest: {
      type: "string",
      description: "adds created image to the specified manifest list. Creates manifest list if it does not exist",
    },
    "omit-timestamp": { type: "bool", hidden: true, description: "set created timestamp to epoch 0 to allow for deterministic builds" },
    "pull-always": { type: "bool", hidden: true, description: "pull SBOM scanner images from the registry even if they are present" },
    "pull-never": { type: "bool", hidden: true, description: "never pull SBOM scanner images" },
    "reference-time": { type: "string", hidden: true, description: "set the timestamp on the image to match the named `file`" },
    "omit-history": { type: "bool", description: "omit build history information from the built image (default false)" },
    quiet: { type: "bool", short: "q", description: "don't output progress information when writing images" },
    "rewrite-timestamp": { type: "bool", description: "set timestamps in layers to no later than the value for --source-date-epoch" },
    rm: {
      type: "bool",
      description:
        "remove the container and its content after committing it to an image. Default leaves the container and its content in place.",
    },
    pull: {
      type: "optionalString",
      noValue: "true",
      default: "true",
      description:
        "pull SBOM scanner images from the registry if newer or not present in store, if false, only pull SBOM scanner images if not present",
    },
    "sign-by": { type: "string", description: "sign the image using a GPG key with the specified `FINGERPRINT`" },
    "source-date-epoch": {
      type: "string",
      description: "set new timestamps in image info to `seconds` after the epoch, defaults to current time",
    },
    squash: { type: "bool", description: "produce an image with only one layer" },
    timestamp: {
      type: "string",
      description: "set new timestamps in image info and layer to `seconds` after the epoch, defaults to current times",
    },
    unsetannotation: { type: "stringSlice", description: "unset annotation when inheriting annotations from base image" },
    unsetenv: { type: "stringSlice", description: "unset env from final image" },
  },
  args: { min: 0, max: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name, destination] = args;
    if (name === undefined) throw new ToolError("invalid-argument", "container ID must be specified");
    const refused = UNSUPPORTED.find((flag) => invocation.given(flag));
    if (refused !== undefined) throw new ToolError("unsupported", `--${refused} is not supported by this version`);
    const scan = sbomScan(flags, (flag) => invocation.given(flag), { pull: scannerPull(flags.pull), contexts: [] });
    const images = openImages(invocation, { quiet: flags.quiet });
    const { store } = images;
    const encryption = await chooseEncryption(flags.encryptionKey, flags.encryptLayer);
    const container = openWorkingContainer(store, name);
    const elsewhere = destination !== undefined && /^(docker|docker-archive|oci|oci-archive|dir|docker-daemon):/.test(destination);
    if (encryption !== undefined && !elsewhere) {
      throw new ToolError("unsupported", "the store keeps layers unpacked: an encrypted image can only be committed to another place", {
        hint: "name a destination such as docker://registry.example.com/name or oci:PATH",
      });
    }
    const names = destination === undefined || elsewhere ? [] : [imageName(destination)];
    const config = overrideConfig(container.config, { changes: flags.change, ...textOption("file", flags.config) });
    const before = new Set(store.images.list().map(({ id }) => id));
    const found = scan === undefined ? undefined : await scanBefore(invocation, container, scan);
    const { imageId } = await commitContainer(store, container, {
      config: {
        ...config,
        env: config.env.filter((entry) => !flags.unsetenv.includes(nameOf(entry))),
        labels: flags.identityLabel ? { ...config.labels, [IDENTITY_LABEL.name]: IDENTITY_LABEL.value } : config.labels,
      },
      addedFiles: [...flags.addFile.map(parseAddedFile), ...(found?.files ?? [])],
      annotations: annotations(container.annotations, flags),
      format: flags.format === undefined ? container.format : imageFormat(flags.format),
      createdBy: container.createdBy === "" ? "/bin/sh" : container.createdBy,
      emptyLayer: false,
      squash: flags.squash,
      omitHistory: flags.omitHistory,
      names,
      ...numeric("timestamp", timestampOf(invocation)),
      ...(images.blobCache === undefined ? {} : { blobCache: images.blobCache }),
      ...numeric("sourceDateEpoch", flags.sourceDateEpoch),
      clampTimes: flags.rewriteTimestamp,
      createdAnnotation: flags.createdAnnotation,
      report: flags.quiet || elsewhere ? undefined : (line) => out.stderr(`${line}\n`),
    }).finally(() => found?.close());
    found?.save();
    const signBy = flags.signBy ? { gpgKey: flags.signBy, creator: `buildah ${BUILDAH_VERSION}` } : undefined;
    if (signBy !== undefined && !elsewhere) {
      const { signStoredImage } = await import("@containers/image/local-images/sign-stored");
      await signStoredImage(images, { id: imageId, name: names[0] }, signBy).catch((error: unknown) => {
        if (!before.has(imageId)) store.images.remove(imageId);
        throw error;
      });
    }
    if (elsewhere && destination !== undefined) {
      const { pushImage } = await import("@containers/image/local-images/push");
      try {
        await pushImage(images, imageId, destination, { encryption, ...(signBy === undefined ? {} : { signBy }) });
      } finally {
        // The store was only its way there.
        if (!before.has(imageId) && !flags.manifest) store.images.remove(imageId);
      }
    }
    if (flags.manifest !== undefined && flags.manifest !== "") await addToManifest(images, flags.manifest, imageId);
    if (flags.rm) store.containers.remove(container.id);
    if (flags.iidfile !== undefined && flags.iidfile !== "") writeFileSync(flags.iidfile, `sha256:${imageId}`);
    else out.stdout(`${imageId}\n`);
    return undefined;
  },
});

/** `--pull`: whether scanners are fetched when there are newer ones. */
function scannerPull(value: string): PullPolicy {
  return value === "true" ? "newer" : value === "false" ? "missing" : parsePullPolicy(value);
}

async function scanBefore(invocation: AnyInvocation, container: WorkingContainer, scan: SbomScan): Promise<ScanResult> {
  const { scanContainer } = await import("../../sbom/scan.ts");
  const ports = await openBuildPorts(invocation);
  const { store } = ports.images;
  const rootfs = store.containers.mount(container.id);
  try {
    return await scanContainer(ports, { container, rootfs, settings: runSettings(invocation) }, scan);
  } finally {
    store.containers.unmount(container.id);
  }
}

/** Puts the image into the list, which is made when there is none of that name. */
async function addToManifest(images: LocalImages, name: string, imageId: string): Promise<void> {
  const { createList } = await import("@containers/image/manifest-lists/create");
  const { addToList } = await import("@containers/image/manifest-lists/add");
  await addToList(images, await createList(images, name, [], { amend: true }), imageId);
}

function imageName(destination: string): string {
  const text = destination.replace(/^containers-storage:(\[[^\]]*\])?/, "");
  try {
    return normalizeName(text).toString();
  } catch (error) {
    throw wrapError(`cannot parse input: ${JSON.stringify(destination)}`, error);
  }
}

function annotations(
  base: Readonly<Record<string, string>>,
  flags: { readonly annotation: readonly string[]; readonly createdAnnotation: boolean; readonly unsetannotation: readonly string[] },
): Readonly<Record<string, string>> {
  const all = new Map(Object.entries(base));
  // One that the base image brought says when that was made.
  if (!flags.createdAnnotation) all.delete("org.opencontainers.image.created");
  for (const entry of flags.annotation) all.set(nameOf(entry), entry.includes("=") ? entry.slice(entry.indexOf("=") + 1) : "");
  for (const name of flags.unsetannotation) all.delete(name);
  return Object.fromEntries(all);
}

/** Of the three ways to say one time, the one that was chosen: seconds. */
function timestampOf({ flags, given }: Pick<Invocation<{ readonly [Name in TimeFlag]: unknown }>, "flags" | "given">): string | undefined {
  const chosen = ["omit-timestamp", "reference-time", "timestamp"].filter(given);
  if (chosen.length > 1) throw new ToolError("invalid-argument", "cannot use more than one timestamp option at a time");
  const { omitTimestamp, referenceTime, timestamp } = flags;
  if (omitTimestamp === true) return "0";
  if (typeof referenceTime !== "string" || referenceTime === "") return typeof timestamp === "string" ? timestamp : undefined;
  try {
    return String(Math.floor(statSync(referenceTime).mtimeMs / 1000));
  } catch (error) {
    throw wrapError(`reading timestamp of file ${JSON.stringify(referenceTime)}`, error);
  }
}

function numeric<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: number } {
  if (value === undefined || value === "") return {};
  if (!/^-?\d+$/.test(value)) throw new ToolError("invalid-argument", `${JSON.stringify(value)} is no number of seconds`);
  return { [key]: Number(value) } as { readonly [K in Key]?: number };
}
