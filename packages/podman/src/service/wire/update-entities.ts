import { healthChanges, healthFlags } from "../../cli/flags/health-flags.ts";
import type { ResourceSpec } from "../../container-spec/resource-spec.ts";
import type { HealthChanges } from "../../containers/update.ts";
import { flag, list, natural, struct, text } from "./go-object.ts";
import { linuxResourcesShape, ulimits } from "./spec-generator-shape.ts";
import { readLimits, readUlimit } from "./spec-resources.ts";

const words = list(text);
const rate = list(struct("ThrottleDevice", { Path: text, Rate: natural }));

const healthShape = {
  health_log_destination: text,
  health_max_log_size: natural,
  health_max_log_count: natural,
  health_on_failure: text,
  no_healthcheck: flag,
  health_cmd: text,
  health_interval: text,
  health_retries: natural,
  health_timeout: text,
  health_start_period: text,
  health_startup_cmd: text,
  health_startup_interval: text,
  health_startup_retries: natural,
  health_startup_timeout: text,
  health_startup_success: natural,
} as const;

/** The body of `POST /libpod/containers/{name}/update`. */
export const updateEntities = struct("libpod.updateEntitiesWire", {
  ...linuxResourcesShape,
  ...healthShape,
  Env: words,
  UnsetEnv: words,
  r_limits: ulimits,
  BlkIOWeightDevice: list(struct("WeightDevice", { Path: text, Weight: natural })),
  DeviceReadBPs: rate,
  DeviceWriteBPs: rate,
  DeviceReadIOPs: rate,
  DeviceWriteIOPs: rate,
});

type Update = ReturnType<typeof updateEntities>;

/** The limits that a body changes; undefined when it speaks of none. */
export function changedLimits(wire: Update): ResourceSpec | undefined {
  const rates = (devices: Update["DeviceReadBPs"]) => devices?.map(({ Path: path = "", Rate = 0 }) => ({ path, rate: Rate }));
  const all: ResourceSpec = {
    ...readLimits(wire),
    blkioWeightDevices: wire.BlkIOWeightDevice?.map(({ Path: path = "", Weight: weight = 0 }) => ({ path, weight })),
    deviceReadBps: rates(wire.DeviceReadBPs),
    deviceWriteBps: rates(wire.DeviceWriteBPs),
    deviceReadIops: rates(wire.DeviceReadIOPs),
    deviceWriteIops: rates(wire.DeviceWriteIOPs),
    ulimits: wire.r_limits?.map(readUlimit),
    unified: wire.unified,
  };
  // The keys are those of the record that it was made of.
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as ResourceSpec;
  return Object.keys(given).length === 0 ? undefined : given;
}

/** The checks that a body changes, by the rules of the command line's flags; undefined when it speaks of none. */
export function changedHealth(wire: Update): HealthChanges | undefined {
  const keys = Object.keys(healthShape) as (keyof typeof healthShape)[];
  const given = new Map(keys.filter((key) => wire[key] !== undefined).map((key) => [flagOf(key), wire[key]]));
  if (given.size === 0) return undefined;
  const values = Object.fromEntries(
    Object.entries(healthFlags).map(([name, definition]) => [
      camelCase(name),
      given.get(name) ?? ("default" in definition ? definition.default : definition.type === "bool" ? false : undefined),
    ]),
  );
  // One value per flag, of the flag's own type: the shape above has read them.
  return healthChanges(values as Parameters<typeof healthChanges>[0], (name) => given.has(name));
}

function flagOf(key: string): string {
  return key.replaceAll("_", "-");
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
