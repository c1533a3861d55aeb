import type { GenerateOptions } from "../../systemd/generate/options.ts";
import { getJson, type Service, segment } from "../service.ts";
import { textMap } from "../wire.ts";

/** Units for a container or a pod of the service, by name. What starts them is the service's podman. */
export async function generateUnits(service: Service, reference: string, options: GenerateOptions): Promise<Map<string, string>> {
  const answer = await getJson(service, `/generate/${segment(reference)}/systemd`, {
    useName: options.name,
    new: options.new,
    noHeader: !options.header,
    templateUnitFile: options.template,
    restartPolicy: options.restartPolicy,
    restartSec: options.restartSec,
    stopTimeout: options.stopTimeout,
    startTimeout: options.startTimeout,
    containerPrefix: options.containerPrefix,
    podPrefix: options.podPrefix,
    separator: options.separator,
    wants: options.dependencies.Wants,
    after: options.dependencies.After,
    requires: options.dependencies.Requires,
    additionalEnvVariables: options.env,
  });
  return new Map(Object.entries(textMap(answer)));
}
