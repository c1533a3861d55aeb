import type { ResourceSpec } from "../../container-spec/resource-spec.ts";
import type { ContainerChanges } from "../../containers/update.ts";
import type { Service } from "../service.ts";
import { containerPath } from "./deeds.ts";
import { runtimeResources, ulimits } from "./resource-fields.ts";

/** What is changed; checks by the service's own words (`health_cmd`, …). */
export interface RemoteChanges extends Omit<ContainerChanges, "health"> {
  readonly health: Readonly<Record<string, unknown>>;
}

/** Changes a container that exists. The service answers with its id, as text alone; the caller's name for it is given back, as by the original. */
export async function updateContainer(service: Service, reference: string, changes: RemoteChanges): Promise<string> {
  const { resources, restart, env, unsetEnv, health } = changes;
  const response = await service.request("POST", containerPath(reference, "update"), {
    query: { restartPolicy: restart?.name, restartRetries: restart?.retries },
    body: {
      ...(resources === undefined ? {} : limits(resources)),
      ...Object.fromEntries(Object.entries(health).filter(([, value]) => value !== undefined)),
      ...(env === undefined ? {} : { Env: env }),
      ...(unsetEnv === undefined ? {} : { UnsetEnv: unsetEnv }),
    },
  });
  await response.discard();
  return reference;
}

function limits(resources: ResourceSpec): Record<string, unknown> {
  const rates = (devices: ResourceSpec["deviceReadBps"]) => devices?.map(({ path, rate }) => ({ Path: path, Rate: rate }));
  const all = {
    ...runtimeResources(resources),
    r_limits: ulimits(resources),
    unified: resources.unified,
    BlkIOWeightDevice: resources.blkioWeightDevices?.map(({ path, weight }) => ({ Path: path, Weight: weight })),
    DeviceReadBPs: rates(resources.deviceReadBps),
    DeviceWriteBPs: rates(resources.deviceWriteBps),
    DeviceReadIOPs: rates(resources.deviceReadIops),
    DeviceWriteIOPs: rates(resources.deviceWriteIops),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
