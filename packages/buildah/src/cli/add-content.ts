import { resolve } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { compileIgnoreRules } from "../containerfile/ignore-file.ts";
import { absoluteDestination } from "../containerfile/instructions/add-copy.ts";
import { loadIgnoreRules } from "../context/ignore-rules.ts";
import { ContentDigest } from "../copier/content-digest.ts";
import { type CopyRequest, copyInto } from "../copier/copy-into.ts";
import { resolveOwner } from "../copier/owner.ts";
import type { RemoteRequest } from "../copier/remote-sources.ts";
import { saveWorkingContainer } from "../working-container/create.ts";
import { findWorkingContainer, openWorkingContainer } from "../working-container/open.ts";
import { type AnyInvocation, openImages, retrySettings } from "./open-ports.ts";

/** `buildah copy` and `buildah add`: the digest of what was added, as they print it. */
export async function addContent(invocation: AnyInvocation, extract: boolean): Promise<string> {
  const { flags, args } = invocation;
  const [name, ...rest] = args;
  if (name === undefined) throw new ToolError("invalid-argument", "requires at least 1 arg(s), only received 0");
  if (rest.length === 0) throw new ToolError("invalid-argument", "src must be specified");
  const images = openImages(invocation, { quiet: true });
  const { store } = images;
  const container = openWorkingContainer(store, name);
  const sources = rest.length === 1 ? rest : rest.slice(0, -1);
  const destination = rest.length === 1 ? "" : (rest.at(-1) ?? "");
  const mountPoint = store.containers.mount(container.id);
  const releases: Array<() => void> = [() => void store.containers.unmount(container.id)];
  try {
    const parts = { invocation, images, extract, mountPoint, releases };
    const other = typeof flags["from"] === "string" && flags["from"] !== "" ? await mountOther(parts, flags["from"]) : undefined;
    const what = { sources, destination, workingDir: container.config.workingDir, from: other };
    const summary = await copyAll(parts, what).catch((error: unknown) => {
      throw wrapError(`adding content to container ${JSON.stringify(name)}`, error);
    });
    if (flags["addHistory"] === true)
      saveWorkingContainer(store, {
        ...container,
        createdBy: `/bin/sh -c #(nop) ${extract ? "ADD" : "COPY"}${flags["link"] === true ? " --link" : ""} ${summary} in ${destination} `,
      });
    return summary.replace(/^[a-z]+:/, "");
  } finally {
    for (const release of releases.reverse()) release();
  }
}

interface AddParts {
  readonly invocation: AnyInvocation;
  readonly images: LocalImages;
  readonly extract: boolean;
  readonly mountPoint: string;
  readonly releases: Array<() => void>;
}

async function copyAll(
  parts: AddParts,
  what: {
    readonly sources: readonly string[];
    readonly destination: string;
    readonly workingDir: string;
    /** Root of the files to copy, where that is not the host's. */
    readonly from: string | undefined;
  },
): Promise<string> {
  const { flags } = parts.invocation;
  const sys = linuxSys();
  const digest = new ContentDigest();
  const { from } = what;
  const many = what.sources.length > 1 && !what.destination.endsWith("/");
  const target = {
    targetRoot: parts.mountPoint,
    destination: absoluteDestination(what.destination === "" ? "." : many ? `${what.destination}/` : what.destination, what.workingDir),
    workingDir: what.workingDir,
    parents: flags["parents"] === true,
    overrides: overridesOf(parts, from !== undefined),
    ...timestampOf(flags["timestamp"]),
  };
  const ignoreFile = typeof flags["ignorefile"] === "string" && flags["ignorefile"] !== "" ? flags["ignorefile"] : undefined;
  const contextDirectory = typeof flags["contextdir"] === "string" ? flags["contextdir"] : undefined;
  if (ignoreFile !== undefined && !contextDirectory)
    throw new ToolError("invalid-argument", "--ignorefile option requires that you specify a context dir using --contextdir");
  const excludes = compileIgnoreRules(Array.isArray(flags["exclude"]) ? flags["exclude"].map(String) : []);
  for (const source of what.sources) {
    if (/^(https?|git):\/\//.test(source)) {
      await addRemote(parts, { ...target, urls: [source], rules: excludes }, digest);
      continue;
    }
    if (parts.invocation.given("checksum")) throw new ToolError("invalid-argument", "checksum flag is not supported for local sources");
    const place = sourcePlace(source, { from, contextDirectory });
    const rules = ignoreFile === undefined ? excludes : loadIgnoreRules(place.root, { ignoreFile }).rules;
    await copyInto(sys, { ...target, sourceRoot: place.root, sources: [place.path], rules, extract: parts.extract }, digest);
  }
  return digest.summary();
}

function overridesOf({ invocation: { flags }, mountPoint }: AddParts, fromElsewhere: boolean): CopyRequest["overrides"] {
  const owner = typeof flags["chown"] === "string" && flags["chown"] !== "" ? ownerOf(mountPoint, flags["chown"]) : undefined;
  const chmod = typeof flags["chmod"] === "string" ? flags["chmod"] : "";
  if (chmod !== "" && !/^[0-7]{1,11}$/.test(chmod))
    throw new ToolError("invalid-argument", `parsing chmod ${JSON.stringify(chmod)}: invalid syntax`);
  return {
    ...(owner === undefined ? (fromElsewhere ? {} : { owner: { uid: 0, gid: 0 } }) : { owner }),
    ...(chmod === "" ? {} : { mode: Number.parseInt(chmod, 8) & 0o7777 }),
    stripSetId: false,
  };
}

function ownerOf(mountPoint: string, text: string): { readonly uid: number; readonly gid: number } {
  try {
    return resolveOwner(linuxSys(), mountPoint, text);
  } catch (error) {
    throw wrapError(`looking up UID/GID for ${JSON.stringify(text)}`, error);
  }
}

function timestampOf(value: unknown): { readonly timestamp?: number } {
  if (typeof value !== "string" || value === "") return {};
  if (!/^-?\d+$/.test(value)) throw new ToolError("invalid-argument", `parsing timestamp value ${JSON.stringify(value)}: invalid syntax`);
  return { timestamp: Number(value) };
}

/** Of `buildah copy` as well as of `buildah add`: both fetch. */
async function addRemote(
  { invocation, images }: AddParts,
  request: Omit<RemoteRequest, "access" | "checksum">,
  digest: ContentDigest,
): Promise<void> {
  const { flags, given } = invocation;
  const { addRemoteSources } = await import("../copier/remote-sources.ts");
  const { tlsVerify, certDir } = images.registry;
  const access = {
    ...retrySettings(invocation),
    ...(tlsVerify === undefined ? {} : { tlsVerify }),
    ...(certDir === undefined ? {} : { certDir }),
    ...(images.signal === undefined ? {} : { signal: images.signal }),
  };
  const checksum = given("checksum") ? { checksum: String(flags["checksum"]) } : {};
  await addRemoteSources(linuxSys(), { ...request, keepGitDir: true, ...checksum, access }, digest);
}

/** Another working container's files, or an image's, which is pulled when it is not there. */
async function mountOther(parts: AddParts, name: string): Promise<string> {
  const { store } = parts.images;
  const container = findWorkingContainer(store, name);
  if (container !== undefined) {
    parts.releases.push(() => void store.containers.unmount(container.id));
    return store.containers.mount(container.id);
  }
  const { invocation } = parts;
  const { pullImage } = await import("@containers/image/local-images/pull");
  const options = {
    policy: "missing",
    removeSignatures: invocation.flags["removeSignatures"] === true,
    ...retrySettings(invocation),
  } as const;
  const pulled = await pullImage(parts.images, name, options).catch((error: unknown) => {
    throw wrapError(`no container named ${JSON.stringify(name)}, error copying content from image ${JSON.stringify(name)}`, error);
  });
  const layer = store.images.get(pulled.id)?.layer;
  if (layer === undefined) throw new ToolError("not-found", `image ${JSON.stringify(name)} has no files`);
  parts.releases.push(() => void store.layers.unmount(layer));
  return store.layers.mount(layer, { readOnly: true });
}

/** On the command line a source is any path of the host. */
function sourcePlace(
  source: string,
  options: { readonly from: string | undefined; readonly contextDirectory: string | undefined },
): { root: string; path: string } {
  if (options.from !== undefined) return { root: options.from, path: source };
  if (options.contextDirectory !== undefined) return { root: resolve(options.contextDirectory), path: source };
  const path = resolve(source);
  return { root: "/", path: path === "/" ? "." : path.slice(1) };
}
