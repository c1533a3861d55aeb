import type { ResourceSpec } from "../../container-spec/resource-spec.ts";

const PERIOD = 100_000;

/** Limits as the API's `containers/create` and `pods/create` have them. */
export function resourceFields(resources: ResourceSpec): Record<string, unknown> {
  return {
    resource_limits: runtimeResources(resources),
    r_limits: ulimits(resources),
    oom_score_adj: resources.oomScoreAdj,
    weightDevice: byPath(resources.blkioWeightDevices?.map(({ path, weight }) => [path, { weight }])),
    throttleReadBpsDevice: byPath(resources.deviceReadBps?.map(rate)),
    throttleWriteBpsDevice: byPath(resources.deviceWriteBps?.map(rate)),
    throttleReadIOPSDevice: byPath(resources.deviceReadIops?.map(rate)),
    throttleWriteIOPSDevice: byPath(resources.deviceWriteIops?.map(rate)),
    device_cgroup_rule: resources.deviceRules?.length ? resources.deviceRules : undefined,
    unified: resources.unified !== undefined && Object.keys(resources.unified).length > 0 ? resources.unified : undefined,
    sysctl: resources.sysctls,
    cgroups_mode: resources.cgroups,
    cgroup_parent: resources.cgroupParent,
  };
}

/** The `resources` of a runtime spec; undefined without any limit. */
export function runtimeResources(resources: ResourceSpec): object | undefined {
  const cpus = resources.cpus === undefined || resources.cpus === 0 ? undefined : resources.cpus;
  const sections = {
    memory: present({
      limit: resources.memory,
      reservation: resources.memoryReservation,
      swap: resources.memorySwap ?? (resources.memory ? resources.memory * 2 : undefined),
      swappiness: resources.memorySwappiness === -1 ? undefined : resources.memorySwappiness,
      disableOOMKiller: resources.oomKillDisable || undefined,
    }),
    cpu: present({
      shares: resources.cpuShares,
      quota: cpus === undefined ? resources.cpuQuota : Math.round(cpus * PERIOD),
      period: cpus === undefined ? resources.cpuPeriod : PERIOD,
      realtimeRuntime: resources.cpuRealtimeRuntime,
      realtimePeriod: resources.cpuRealtimePeriod,
      cpus: resources.cpusetCpus,
      mems: resources.cpusetMems,
    }),
    pids: present({ limit: resources.pidsLimit }),
    blockIO: present({ weight: resources.blkioWeight }),
  };
  return present(sections);
}

/** `r_limits`; undefined without any. */
export function ulimits({ ulimits: limits = [] }: ResourceSpec): readonly object[] | undefined {
  if (limits.length === 0) return undefined;
  return limits.map(({ name, soft, hard }) => ({ type: name, hard: limitValue(hard), soft: limitValue(soft) }));
}

/** No limit is the largest number of 64 bits, which a number of ours does not hold. */
function limitValue(value: number): unknown {
  const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
  return value === -1 ? raw("18446744073709551615") : value;
}

function rate({ path, rate: value }: { readonly path: string; readonly rate: number }): [string, object] {
  return [path, { rate: value }];
}

function byPath(
  entries: ReadonlyArray<readonly [string, object]> | readonly (readonly [string, object])[] | undefined,
): object | undefined {
  return entries === undefined || entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
