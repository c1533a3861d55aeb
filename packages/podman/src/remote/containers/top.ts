import { getJson, type Service, segment } from "../service.ts";
import { list, record, texts } from "../wire.ts";

/** The columns and rows of `top`, as the service printed them. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** The processes of a container or pod; descriptors are those of `podman top`, or options of ps(1). */
export async function processTable(
  service: Service,
  kind: "containers" | "pods",
  reference: string,
  descriptors: readonly string[],
): Promise<ProcessTable> {
  const answer = record(
    await getJson(service, `/${kind}/${segment(reference)}/top`, {
      ps_args: descriptors.length === 0 ? undefined : descriptors,
      stream: false,
    }),
  );
  return { titles: texts(answer["Titles"]), rows: list(answer["Processes"]).map(texts) };
}
