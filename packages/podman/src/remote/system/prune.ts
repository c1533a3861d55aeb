import { ToolError } from "@containers/common/errors/tool-error";
import type { SystemPruneOptions, SystemPruneReport } from "../../system/prune.ts";
import { filterQuery } from "../images/list.ts";
import { postJson, type Service } from "../service.ts";
import { number, record, records, text } from "../wire.ts";

/** Removes what nothing uses at the service. */
export async function pruneSystem(service: Service, options: SystemPruneOptions): Promise<SystemPruneReport> {
  const { all, volumes, filters, external = false, build = false } = options;
  const answer = record(
    await postJson(service, "/system/prune", { query: { all, volumes, external, build, filters: filterQuery(filters) } }),
  );
  const errors: Error[] = [];
  const sizes = new Map<string, number>();
  const gone = (key: string, id: string): string[] =>
    records(answer[key]).flatMap((one) => {
      const failure = text(one["Err"]) || text(one["Error"]);
      if (failure === "") {
        sizes.set(text(one[id]), number(one["Size"]));
        return [text(one[id])];
      }
      errors.push(new ToolError("internal", failure));
      return [];
    });
  return {
    pods: gone("PodPruneReport", "Id"),
    containers: gone("ContainerPruneReports", "Id"),
    volumes: gone("VolumePruneReports", "Id"),
    images: gone("ImagePruneReports", "Id"),
    networks: gone("NetworkPruneReports", "Name"),
    sizes,
    reclaimed: number(answer["ReclaimedSpace"]),
    errors,
  };
}
