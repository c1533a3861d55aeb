import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import type { Sys } from "@containers/common/sys/sys";
import { withRetries } from "@containers/image/local-images/retry";
import { compileIgnoreRules } from "../containerfile/ignore-file.ts";
import { namesDirectory } from "../containerfile/instructions/add-copy.ts";
import { cloneGit, isGitUrl, parseGitUrl } from "../context/git-context.ts";
import type { ContentDigest } from "./content-digest.ts";
import { type CopyRequest, copyInto } from "./copy-into.ts";

export interface RemoteRequest
  extends Pick<CopyRequest, "targetRoot" | "destination" | "workingDir" | "overrides" | "parents" | "rules" | "timestamp"> {
  readonly urls: readonly string[];
  /** `ALGORITHM:HEX` that a file must have. */
  readonly checksum?: string;
  /** A repository's own directory is copied as well. */
  readonly keepGitDir?: boolean;
  readonly access?: RemoteAccess;
}

interface RemoteAccess {
  /** False: certificates are not checked. */
  readonly tlsVerify?: boolean;
  /** Directory with certificates of authorities (`*.crt`). */
  readonly certDir?: string;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
  readonly signal?: AbortSignal;
}

/** ADD of URLs: each file is fetched as it is (never unpacked), mode 0600, dated as the server says; of repositories their files. */
export async function addRemoteSources(sys: Sys, request: RemoteRequest, digest: ContentDigest): Promise<void> {
  if (request.checksum !== undefined) checkDigestFormat(request.checksum);
  for (const url of request.urls) {
    const directory = mkdtempSync(join(tmpdir(), "buildah-url"));
    try {
      await (isGitUrl(url) ? addRepository : addFile)(sys, { ...request, url, directory }, digest);
    } catch (error) {
      throw wrapError(`reading ${JSON.stringify(url)}`, error);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

interface OneSource extends RemoteRequest {
  readonly url: string;
  /** For what is fetched; empty. */
  readonly directory: string;
}

async function addFile(sys: Sys, source: OneSource, digest: ContentDigest): Promise<void> {
  const { overrides, access = {} } = source;
  const { retries, retryDelay, signal } = access;
  const name = await withRetries(() => download(source), { retries, retryDelay, signal, warn: () => undefined });
  const copy = {
    ...source,
    sourceRoot: source.directory,
    sources: [name],
    rules: compileIgnoreRules([]),
    extract: false,
    digestKind: "" as const,
    overrides: { ...overrides, mode: overrides.mode ?? 0o600 },
  };
  await copyInto(sys, copy, digest);
}

async function addRepository(sys: Sys, source: OneSource, digest: ContentDigest): Promise<void> {
  const place = parseGitUrl(source.url);
  await cloneGit(place, source.directory, source.access?.signal);
  if (source.keepGitDir !== true) rmSync(join(source.directory, ".git"), { recursive: true, force: true });
  const sources = [place.directory === "" ? "." : place.directory];
  await copyInto(sys, { ...source, sourceRoot: source.directory, sources, extract: false, digestKind: "" }, digest);
}

async function download({ url, directory, checksum, access = {} }: OneSource): Promise<string> {
  const tls = {
    ...(access.tlsVerify === false ? { verify: false } : {}),
    ...(access.certDir === undefined ? {} : authorities(access.certDir)),
  };
  const response = await httpRequest(url, { redirect: "follow", tls, ...(access.signal === undefined ? {} : { signal: access.signal }) });
  if (response.status < 200 || response.status >= 400) {
    // What is not there will not be there a moment later either.
    const kind = response.status < 500 ? "not-found" : "unavailable";
    throw new ToolError(kind, `invalid response status ${response.status}`, { exitCode: 125 });
  }
  const name = basename(new URL(url).pathname);
  if (name === "" || namesDirectory(name)) throw new ToolError("invalid-argument", `${url} names no file`);
  const path = join(directory, name);
  const file = createWriteStream(path, { mode: 0o600 });
  const hash = createHash(checksum?.replace(/:.*$/, "") ?? "sha256");
  for await (const chunk of response.stream()) {
    hash.update(chunk);
    if (!file.write(chunk)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  const found = `${checksum?.replace(/:.*$/, "") ?? "sha256"}:${hash.digest("hex")}`;
  if (checksum !== undefined && found !== checksum)
    throw new ToolError("corrupt", `unexpected response digest for ${JSON.stringify(url)}: ${found}, want ${checksum}`, { exitCode: 125 });
  const modified = Date.parse(response.headers.get("last-modified") ?? "");
  const time = Number.isNaN(modified) ? 0 : modified / 1000;
  utimesSync(path, time, time);
  return name;
}

function authorities(directory: string): { readonly ca?: readonly string[] } {
  const path = join(directory, "ca.crt");
  return existsSync(path) ? { ca: [readFileSync(path, "utf8")] } : {};
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

function checkDigestFormat(text: string): void {
  const refuse = (what: string): never => {
    throw new ToolError("invalid-argument", `invalid checksum flag: ${what}`);
  };
  const [, algorithm = "", hex = ""] = /^([a-z0-9]+(?:[.+_-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/.exec(text) ?? [];
  if (algorithm === "") refuse("invalid checksum digest format");
  const length = DIGEST_LENGTHS[algorithm];
  if (length === undefined) refuse("unsupported digest algorithm");
  if (hex.length !== length) refuse("invalid checksum digest length");
  if (!/^[0-9a-f]+$/.test(hex)) refuse("invalid checksum digest format");
}
