import type { Damages } from "@containers/storage/store";
import type { SystemCheckOptions, SystemCheckReport } from "../../system/check.ts";
import { postJson, type Service } from "../service.ts";
import { record, texts } from "../wire.ts";

/** Lets the service look for damage in its store and, when asked, remove what is damaged. */
export async function checkSystem(service: Service, options: SystemCheckOptions): Promise<SystemCheckReport> {
  const age = options.unreferencedAge;
  const answer = record(
    await postJson(service, "/system/check", {
      query: {
        quick: options.quick,
        repair: options.repair,
        repair_lossy: options.force,
        unreferenced_layer_max_age: age === undefined ? undefined : `${age}ms`,
      },
    }),
  );
  return {
    check: {
      layers: { ...damages(answer["Layers"]), ...damages(answer["ROLayers"]) },
      images: { ...damages(answer["Images"]), ...damages(answer["ROImages"]) },
      containers: damages(answer["Containers"]),
      unaccounted: [],
    },
    removedImages: Object.keys(record(answer["RemovedImages"])),
    removedContainers: Object.keys(record(answer["RemovedContainers"])),
    errors: [],
  };
}

function damages(value: unknown): Damages {
  return Object.fromEntries(Object.entries(record(value)).map(([id, messages]) => [id, texts(messages)]));
}
