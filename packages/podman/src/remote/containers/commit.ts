import { ToolError } from "@containers/common/errors/tool-error";
import { splitName } from "@containers/image/registries-conf/alias-name";
import type { CommitOptions } from "../../containers/options.ts";
import { jsonLines, type Service } from "../service.ts";
import { record, text } from "../wire.ts";

/** Makes an image out of a container and gives its id. */
export async function commitContainer(service: Service, reference: string, options: CommitOptions): Promise<string> {
  const { name } = options;
  const named = name === undefined ? undefined : splitName(name);
  const response = await service.request("POST", "/commit", {
    query: {
      container: reference,
      author: options.author,
      changes: options.changes,
      comment: options.message,
      format: options.format,
      pause: options.pause ?? true,
      squash: options.squash ?? false,
      repo: named?.repository,
      tag: named === undefined ? undefined : (named.tag ?? "latest"),
      includeVolumes: options.includeVolumes || undefined,
    },
  });
  let id = "";
  for await (const line of jsonLines(response)) {
    const report = record(line);
    if (text(report["error"]) !== "") throw new ToolError("internal", text(report["error"]));
    id = text(report["Id"]) || text(report["id"]) || id;
  }
  return id.replace(/^sha256:/, "");
}
