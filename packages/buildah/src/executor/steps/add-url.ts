import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import type { Sys } from "@containers/common/sys/sys";
import { compileIgnoreRules } from "../../containerfile/ignore-file.ts";
import { namesDirectory } from "../../containerfile/instructions/add-copy.ts";
import type { ContentDigest } from "../../copier/content-digest.ts";
import { type CopyRequest, copyInto } from "../../copier/copy-into.ts";

export interface AddUrlRequest extends Pick<CopyRequest, "targetRoot" | "destination" | "workingDir" | "overrides"> {
  readonly sys: Sys;
  readonly urls: readonly string[];
  readonly signal?: AbortSignal;
}

/** ADD of http(s) URLs: each file is fetched as it is (never unpacked), mode 0600, dated as the server says. */
export async function addUrls(request: AddUrlRequest, digest: ContentDigest): Promise<void> {
  for (const url of request.urls) {
    if (/^git@|\.git($|#)/.test(url))
      throw new ToolError("unsupported", `ADD of the git repository ${url} is not supported`, {
        hint: "clone it into the context and COPY it",
      });
    const directory = mkdtempSync(join(tmpdir(), "buildah-url"));
    try {
      const name = await download(url, { directory, signal: request.signal });
      const { overrides } = request;
      await copyInto(
        request.sys,
        {
          ...request,
          sourceRoot: directory,
          sources: [name],
          rules: compileIgnoreRules([]),
          extract: false,
          parents: false,
          overrides: { ...overrides, mode: overrides.mode ?? 0o600 },
        },
        digest,
      );
    } catch (error) {
      throw new ToolError("unavailable", `reading ${JSON.stringify(url)}`, { cause: error });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

async function download(url: string, to: { readonly directory: string; readonly signal: AbortSignal | undefined }): Promise<string> {
  const response = await httpRequest(url, { redirect: "follow", ...(to.signal === undefined ? {} : { signal: to.signal }) });
  if (response.status !== 200) throw new ToolError("unavailable", `the server answered ${response.status}`);
  const name = basename(new URL(url).pathname);
  if (name === "" || namesDirectory(name)) throw new ToolError("invalid-argument", `${url} names no file`);
  const path = join(to.directory, name);
  const file = createWriteStream(path, { mode: 0o600 });
  for await (const chunk of response.stream()) {
    if (!file.write(chunk)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  const modified = Date.parse(response.headers.get("last-modified") ?? "");
  const time = Number.isNaN(modified) ? 0 : modified / 1000;
  utimesSync(path, time, time);
  return name;
}
