import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { LayerChange } from "@containers/storage/store";
import { getJson, type Service } from "../service.ts";
import { number, record, records, text } from "../wire.ts";
import { containerPath } from "./deeds.ts";

/** Everything that is known of a container, as the service says it. @throws ToolError not-found */
export async function inspectContainer(service: Service, reference: string, options: { readonly size?: boolean } = {}): Promise<unknown> {
  try {
    return await getJson(service, containerPath(reference, "json"), { size: options.size });
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) throw new ToolError("not-found", `no such container ${JSON.stringify(reference)}`);
    throw error;
  }
}

/** What the container, or the image, changed in its file system. */
export async function changesOf(service: Service, kind: "container" | "image", reference: string, parent?: string): Promise<LayerChange[]> {
  const path = kind === "container" ? containerPath(reference, "changes") : `/images/${encodeURIComponent(reference)}/changes`;
  // Of a container the original asks for whatever has the name.
  const answer = await getJson(service, path, { diffType: kind === "container" ? "all" : kind, parent });
  const letters = ["C", "A", "D"] as const;
  return records(answer).map((change) => ({ path: text(change["Path"]), kind: letters[number(change["Kind"])] ?? "C" }));
}

/** Runs the container's health check once; `healthy` when it passed. */
export async function runHealthCheck(service: Service, reference: string): Promise<string> {
  return text(record(await getJson(service, containerPath(reference, "healthcheck")))["Status"]);
}
