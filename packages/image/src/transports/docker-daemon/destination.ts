import { rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { readFileStream } from "../blob-file.ts";
import { openDockerArchiveDestination } from "../docker-archive/destination.ts";
import type { ImageContext, ImageDestination, ImageReference } from "../transport.ts";
import { daemonRequest } from "./daemon-client.ts";
import { temporaryPath } from "./temporary-path.ts";

const MAX_REPORT_BYTES = 4 << 20;

/** Opens a daemon for one image: an archive is written to a file, and loaded at commit, so that the daemon sees a whole image or none. */
export async function openDockerDaemonDestination(reference: ImageReference, context: ImageContext): Promise<ImageDestination> {
  const name = reference.dockerReference;
  if (name?.tag === undefined)
    throw new ToolError(
      "invalid-argument",
      `Invalid destination docker-daemon:${reference.withinTransport}: a destination must be a name:tag`,
    );
  const path = temporaryPath(context);
  const archive = await openDockerArchiveDestination(reference, { name: { path, name }, context });
  return {
    ...archive,
    async commit(toplevel) {
      await archive.commit(toplevel);
      const headers = { "content-type": "application/x-tar" };
      const response = await daemonRequest(context, "/images/load?quiet=1", { method: "POST", headers, body: readFileStream(path) });
      checkReport(await response.text(MAX_REPORT_BYTES));
    },
    async close() {
      await archive.close();
      rmSync(path, { force: true });
    },
  };
}

/** The daemon answers 200 before it has read the archive; what went wrong after that stands in its stream of JSON lines. */
function checkReport(text: string): void {
  for (const line of text.split("\n").filter((part) => part.trim() !== "")) {
    const { errorDetail } = parse(line);
    if (errorDetail?.message !== undefined)
      throw new ToolError("unavailable", `docker engine reported: ${JSON.stringify(errorDetail.message)}`);
  }
}

function parse(line: string): { readonly errorDetail?: { readonly message?: string } } {
  try {
    return JSON.parse(line) as { readonly errorDetail?: { readonly message?: string } };
  } catch (error) {
    throw new ToolError("corrupt", "parsing docker load progress", { cause: error });
  }
}
