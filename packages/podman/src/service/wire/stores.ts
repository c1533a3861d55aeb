import * as z from "zod/mini";

const text = z.nullish(z.string());
const textMap = z.nullish(z.record(z.string(), z.string()));

/** Body of `POST /volumes/create`. */
export const volumeCreateSchema = z.object({ Name: text, Driver: text, DriverOpts: textMap, Labels: textMap });

/** Body of `POST /secrets/create`. */
export const secretCreateSchema = z.object({
  Name: text,
  Data: text,
  Labels: textMap,
  Driver: z.nullish(z.object({ Name: text, Options: textMap })),
});

/** Body of `POST /auth`. */
export const authSchema = z.object({ username: text, password: text, serveraddress: text });

/** Body of `POST /containers/{name}/update`. */
export const containerUpdateSchema = z.object({
  CpuShares: z.nullish(z.number()),
  CpuPeriod: z.nullish(z.number()),
  CpuQuota: z.nullish(z.number()),
  CpuRealtimeRuntime: z.nullish(z.number()),
  CpuRealtimePeriod: z.nullish(z.number()),
  CpusetCpus: text,
  CpusetMems: text,
  Memory: z.nullish(z.number()),
  MemorySwap: z.nullish(z.number()),
  MemoryReservation: z.nullish(z.number()),
  NanoCpus: z.nullish(z.number()),
  PidsLimit: z.nullish(z.number()),
  BlkioWeight: z.nullish(z.number()),
  Ulimits: z.nullish(z.array(z.object({ Name: z.string(), Soft: z.nullish(z.number()), Hard: z.nullish(z.number()) }))),
  RestartPolicy: z.nullish(z.object({ Name: text, MaximumRetryCount: z.nullish(z.number()) })),
});
