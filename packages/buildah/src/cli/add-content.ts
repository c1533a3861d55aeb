import { basename, dirname, resolve } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { hasWildcards } from "@containers/common/fs/glob";
import { linuxSys } from "@containers/common/sys/linux";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { compileIgnoreRules } from "../containerfile/ignore-file.ts";
import { absoluteDestination } from "../containerfile/instructions/add-copy.ts";
import { loadIgnoreRules } from "../context/ignore-rules.ts";
import { ContentDigest } from "../copier/content-digest.ts";
import { copyInto } from "../copier/copy-into.ts";
import { resolveOwner } from "../copier/owner.ts";
import { saveWorkingContainer } from "../working-container/create.ts";
import { findWorkingContainer, openWorkingContainer } from "../working-container/open.ts";
import { type AnyInvocation, openImages } from "./open-ports.ts";

const UNSUPPORTED = ["checksum", "link", "timestamp", "creds"];

/** `buildah copy` and `buildah add`: the digest of what was added, as they print it. */
export async function addContent(invocation: AnyInvocation, extract: boolean): Promise<string> {
  const { flags, args } = invocation;
  const [name, ...rest] = args;
  if (name === undefined) throw new ToolError("invalid-argument", "container ID must be specified");
  if (rest.length === 0) throw new ToolError("invalid-argument", "src must be specified");
  const refused = UNSUPPORTED.find((flag) => invocation.given(flag));
  if (refused !== undefined) throw new ToolError("unsupported", `--${refused} is not supported by this version`);
  const images = openImages(invocation, { quiet: true });
  const { store } = images;
  const container = openWorkingContainer(store, name);
  const sources = rest.length === 1 ? rest : rest.slice(0, -1);
  const destination = rest.length === 1 ? "" : (rest.at(-1) ?? "");
  const mountPoint = store.containers.mount(container.id);
  const releases: Array<() => void> = [() => void store.containers.unmount(container.id)];
  try {
    const summary = await copyAll(
      { invocation, images, extract, mountPoint, releases },
      { sources, destination, workingDir: container.config.workingDir },
    );
    if (flags["addHistory"] === true)
      saveWorkingContainer(store, {
        ...container,
        createdBy: `/bin/sh -c #(nop) ${extract ? "ADD" : "COPY"} ${summary} in ${destination} `,
      });
    return summary.replace(/^[a-z]+:/, "");
  } catch (error) {
    throw wrapError(`adding content to container ${JSON.stringify(name)}`, error);
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
  what: { readonly sources: readonly string[]; readonly destination: string; readonly workingDir: string },
): Promise<string> {
  const { flags } = parts.invocation;
  const sys = linuxSys();
  const digest = new ContentDigest();
  const from = typeof flags["from"] === "string" && flags["from"] !== "" ? mountOther(parts, flags["from"]) : undefined;
  const chown =
    typeof flags["chown"] === "string" && flags["chown"] !== "" ? resolveOwner(sys, parts.mountPoint, flags["chown"]) : undefined;
  const owner = chown ?? (from === undefined ? { uid: 0, gid: 0 } : undefined);
  const many = what.sources.length > 1 && !what.destination.endsWith("/");
  for (const source of what.sources) {
    if (/^https?:\/\//.test(source))
      throw new ToolError("unsupported", `${source}: URLs are not supported here`, { hint: "download it first" });
    const place = sourcePlace(source, {
      from,
      contextDirectory: typeof flags["contextdir"] === "string" ? flags["contextdir"] : undefined,
    });
    const excludes = Array.isArray(flags["exclude"]) ? flags["exclude"].map(String) : [];
    const ignoreFile = typeof flags["ignorefile"] === "string" && flags["ignorefile"] !== "" ? flags["ignorefile"] : undefined;
    await copyInto(
      sys,
      {
        sourceRoot: place.root,
        sources: [place.path],
        targetRoot: parts.mountPoint,
        destination: absoluteDestination(what.destination === "" ? "." : many ? `${what.destination}/` : what.destination, what.workingDir),
        workingDir: what.workingDir,
        rules: ignoreFile === undefined ? compileIgnoreRules(excludes) : loadIgnoreRules(place.root, { ignoreFile }).rules,
        extract: parts.extract,
        parents: flags["parents"] === true,
        overrides: {
          ...(owner === undefined ? {} : { owner }),
          ...(typeof flags["chmod"] === "string" && flags["chmod"] !== "" ? { mode: Number.parseInt(flags["chmod"], 8) & 0o7777 } : {}),
          stripSetId: false,
        },
      },
      digest,
    );
  }
  return digest.summary();
}

/** Another working container's files, or an image's. */
function mountOther(parts: AddParts, name: string): string {
  const { store } = parts.images;
  const container = findWorkingContainer(store, name);
  if (container !== undefined) {
    parts.releases.push(() => void store.containers.unmount(container.id));
    return store.containers.mount(container.id);
  }
  const layer = resolveLocalImage(parts.images, name)?.image.layer;
  if (layer === undefined) throw new ToolError("not-found", `reading "--from" source ${JSON.stringify(name)}: image not known`);
  parts.releases.push(() => void store.layers.unmount(layer));
  return store.layers.mount(layer, { readOnly: true });
}

/** On the command line a source is any path of the host; its root is what stands before the first wildcard. */
function sourcePlace(
  source: string,
  options: { readonly from: string | undefined; readonly contextDirectory: string | undefined },
): { root: string; path: string } {
  if (options.from !== undefined) return { root: options.from, path: source };
  if (options.contextDirectory !== undefined) return { root: resolve(options.contextDirectory), path: source };
  const path = resolve(source);
  if (hasWildcards(path)) return { root: "/", path: path.slice(1) };
  return path === "/" ? { root: "/", path: "." } : { root: dirname(path), path: basename(path) };
}
