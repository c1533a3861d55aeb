import type * as z from "zod/mini";
import type { RestartPolicy } from "../../../container-spec/container-spec.ts";
import type { ResourceSpec } from "../../../container-spec/resource-spec.ts";
import { updateContainer } from "../../../containers/update.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { HttpError, withContext } from "../../errors-to-http.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { readBody } from "../../wire/read-body.ts";
import { containerUpdateSchema } from "../../wire/stores.ts";

/** `POST /containers/{name}/update`: limits and the restart policy; 0 and empty text mean no change. */
export const updateContainerRoute: Handler = async (request) => {
  const { config } = resolveContainer(request.engine, request.param("name"));
  const body = await readBody(request, containerUpdateSchema, { context: "decoding request body", type: "container.UpdateConfig" });
  const restart = restartOf(body);
  await withContext("updating container", () =>
    updateContainer(request.engine, config.id, { resources: resourcesOf(body), ...(restart === undefined ? {} : { restart }) }),
  );
  return json(200, { Warnings: null });
};

type UpdateBody = z.infer<typeof containerUpdateSchema>;

function resourcesOf(body: UpdateBody): ResourceSpec {
  const limits = {
    cpuShares: body.CpuShares,
    cpuPeriod: body.CpuPeriod,
    cpuQuota: body.CpuQuota,
    cpuRealtimeRuntime: body.CpuRealtimeRuntime,
    cpuRealtimePeriod: body.CpuRealtimePeriod,
    cpusetCpus: body.CpusetCpus,
    cpusetMems: body.CpusetMems,
    cpus: body.NanoCpus ? body.NanoCpus / 1e9 : undefined,
    memory: body.Memory,
    memorySwap: body.MemorySwap,
    memoryReservation: body.MemoryReservation,
    blkioWeight: body.BlkioWeight,
  };
  return {
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => Boolean(value))),
    ...(body.PidsLimit === undefined || body.PidsLimit === null ? {} : { pidsLimit: body.PidsLimit }),
    ...(body.Ulimits && body.Ulimits.length > 0
      ? { ulimits: body.Ulimits.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft ?? 0, hard: Hard ?? Soft ?? 0 })) }
      : {}),
  };
}

function restartOf({ RestartPolicy: policy }: UpdateBody): RestartPolicy | undefined {
  const name = policy?.Name ?? "";
  if (name === "") return undefined;
  const known = (["no", "always", "on-failure", "unless-stopped"] as const).find((one) => one === name);
  if (known === undefined)
    throw new HttpError(500, `updating container: ${JSON.stringify(name)} is not a valid restart policy: invalid argument`, {
      because: "invalid argument",
    });
  return { name: known, ...(policy?.MaximumRetryCount ? { retries: policy.MaximumRetryCount } : {}) };
}
