import { ToolError } from "@containers/common/errors/tool-error";
import { hasLabel } from "../containers/listing/list-filters.ts";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";
import { parsePointInTime } from "../system/point-in-time.ts";

type Ports = Pick<Engine, "state">;
type Test = (volume: VolumeRecord) => boolean;

/** Volumes that fit every key of the filters (`key=value`; several values of a key mean any of them), in the order in which they were made. */
export function listVolumes(engine: Ports, filters: readonly string[] = []): VolumeRecord[] {
  const tests = filterTests(engine, filters);
  return engine.state.volumes
    .list()
    .filter((volume) => tests.every((any) => any.some((test) => test(volume))))
    .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}

function filterTests(engine: Ports, filters: readonly string[]): Test[][] {
  const byKey = new Map<string, Test[]>();
  for (const filter of filters) {
    const equals = filter.indexOf("=");
    if (equals === -1) throw new ToolError("invalid-argument", `filter input must be in the form of filter=value: ${filter} is invalid`);
    const key = filter.slice(0, equals);
    const tests = byKey.get(key) ?? [];
    tests.push(volumeTest(engine, key, filter.slice(equals + 1)));
    byKey.set(key, tests);
  }
  return [...byKey.values()];
}

function volumeTest(engine: Ports, key: string, value: string): Test {
  switch (key) {
    case "name": {
      const pattern = new RegExp(value);
      return ({ name }) => pattern.test(name);
    }
    case "driver":
      return ({ driver }) => driver === value;
    case "scope":
      return () => value === "local";
    case "label":
      return ({ labels }) => hasLabel(labels, value);
    case "label!":
      return ({ labels }) => !hasLabel(labels, value);
    case "opt":
      return ({ options }) => hasPair(options, value);
    case "anonymous":
      return ({ anonymous }) => anonymous === isTrue(key, value);
    case "dangling": {
      const wanted = isTrue(key, value);
      return ({ name }) => (engine.state.containers.usingVolume(name).length === 0) === wanted;
    }
    case "until": {
      const limit = parsePointInTime(value);
      return ({ createdAt }) => Date.parse(createdAt) < limit;
    }
    case "after":
    case "since": {
      const from = engine.state.volumes.resolve(value);
      if (from === undefined) throw new ToolError("not-found", `no volume with name ${JSON.stringify(value)} found: no such volume`);
      return ({ createdAt }) => createdAt > from.createdAt;
    }
    default:
      throw new ToolError("invalid-argument", `${JSON.stringify(key)} is an invalid volume filter`);
  }
}

function hasPair(pairs: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = "", ...rest] = wanted.split("=");
  return Object.hasOwn(pairs, key) && (rest.length === 0 || pairs[key] === rest.join("="));
}

function isTrue(key: string, value: string): boolean {
  if (/^(true|1)$/i.test(value)) return true;
  if (/^(false|0)$/i.test(value)) return false;
  throw new ToolError(
    "invalid-argument",
    `${JSON.stringify(value)} is not a valid value for the ${JSON.stringify(key)} filter - must be true or false`,
  );
}
