import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestHex } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import type { NamedReference } from "../reference/reference.ts";
import { userHome } from "../registries-conf/paths.ts";
import { type RegistriesD, settingFor } from "./registries-d.ts";

/** Where the simple signatures of a repository are: a directory or web server beside the registry. */
export interface Lookaside {
  readonly base: URL;
  /** Without tag and digest. */
  readonly path: string;
}

const MAX_SIGNATURES = 128;
const MAX_SIGNATURE_BYTES = 4 << 20;

/**
 * The lookaside of an image for reading or writing; where registries.d says nothing, a directory of the machine or the user.
 *
 * @throws invalid-argument for what is no URL
 */
export function lookasideOf(
  config: RegistriesD,
  image: { readonly name: NamedReference; readonly scopes: readonly string[] },
  use: "read" | "write",
): Lookaside {
  const configured = settingFor(config, image.scopes, use === "write" ? ["lookasideStaging", "lookaside"] : ["lookaside"]);
  try {
    return { base: new URL(configured ?? `file://${defaultDirectory()}`), path: image.name.path };
  } catch (error) {
    throw wrapError(`Invalid signature storage URL ${configured}`, error);
  }
}

function defaultDirectory(): string {
  const uid = Number(process.env["_CONTAINERS_ROOTLESS_UID"] ?? process.geteuid?.() ?? 0);
  return uid === 0 ? "/var/lib/containers/sigstore" : join(userHome(), ".local/share/containers/sigstore");
}

/** All signatures of a manifest, in their order. */
export async function readLookaside(lookaside: Lookaside, digest: string, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
  const signatures: Uint8Array[] = [];
  for (let index = 1; index <= MAX_SIGNATURES; index++) {
    const signature = await readOne(signatureUrl(lookaside, digest, index), signal);
    if (signature === undefined) break;
    signatures.push(signature);
  }
  return signatures;
}

/**
 * Writes the signatures of a manifest and takes away those of before that are more.
 *
 * @throws unsupported when the lookaside is a web server
 */
export function writeLookaside(lookaside: Lookaside, digest: string, signatures: readonly Uint8Array[]): void {
  if (lookaside.base.protocol !== "file:") {
    throw new ToolError("unsupported", `Writing directly to a ${lookaside.base.href} lookaside is not supported`, {
      hint: "configure a lookaside-staging location",
    });
  }
  for (const [index, signature] of signatures.entries()) {
    const path = fileURLToPath(signatureUrl(lookaside, digest, index + 1));
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileAtomic(path, signature, { mode: 0o644 });
  }
  for (let index = signatures.length + 1; index <= MAX_SIGNATURES; index++) {
    try {
      rmSync(fileURLToPath(signatureUrl(lookaside, digest, index)));
    } catch {
      // That was the last one.
      return;
    }
  }
}

/** `BASE/PATH@sha256=HEX/signature-N` */
function signatureUrl(lookaside: Lookaside, digest: string, index: number): URL {
  const url = new URL(lookaside.base);
  const algorithm = digest.slice(0, digest.indexOf(":"));
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${lookaside.path}@${algorithm}=${digestHex(digest)}/signature-${index}`;
  return url;
}

async function readOne(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  if (url.protocol === "file:") return readFile(fileURLToPath(url));
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ToolError("unsupported", `Unsupported scheme when reading signature from ${url.protocol}//${url.host}${url.pathname}`);
  }
  const { httpRequest } = await import("@containers/common/http/fetch");
  const response = await httpRequest(url.href, { method: "GET", redirect: "follow", ...(signal === undefined ? {} : { signal }) });
  if (response.status === 404) return undefined;
  if (response.status !== 200) {
    throw new ToolError("unavailable", `reading signature from ${url.protocol}//${url.host}${url.pathname}: status ${response.status}`);
  }
  return await response.bytes(MAX_SIGNATURE_BYTES);
}

function readFile(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw wrapError(`reading signature from ${path}`, error);
  }
}
