import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition } from "@containers/common/network/backend";
import type { Engine } from "../engine/engine.ts";

export interface ListNetworksOptions {
  /** `key=value`; values of one key are alternatives, keys are conditions. */
  readonly filters?: readonly string[];
  /** Which filter keys the command knows; all unless told. */
  readonly allowed?: readonly FilterKey[];
}

type FilterKey = "name" | "id" | "driver" | "label" | "label!" | "until" | "dangling";

const ALL: readonly FilterKey[] = ["name", "id", "driver", "label", "label!", "until", "dangling"];

/** Networks that match, by name. */
export function listNetworks(engine: Pick<Engine, "networks" | "state">, options: ListNetworksOptions = {}): NetworkDefinition[] {
  const filters = groupFilters(options.filters ?? [], options.allowed ?? ALL);
  const matchers = [...filters].map(([key, values]) => matcher(engine, key, values));
  return engine.networks.list().filter((network) => matchers.every((matches) => matches(network)));
}

/** Names of networks that a container is on. */
export function usedNetworks(engine: Pick<Engine, "state">): Set<string> {
  return new Set(engine.state.containers.list().flatMap((container) => container.networks));
}

function groupFilters(filters: readonly string[], allowed: readonly FilterKey[]): Map<FilterKey, string[]> {
  const groups = new Map<FilterKey, string[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const word = at < 0 ? filter : filter.slice(0, at);
    const key = allowed.find((one) => one === word);
    if (at < 0) throw new ToolError("invalid-argument", `invalid filter "${filter}"`);
    if (key === undefined) throw new ToolError("invalid-argument", `invalid filter "${word}"`);
    groups.set(key, [...(groups.get(key) ?? []), filter.slice(at + 1)]);
  }
  return groups;
}

function matcher(engine: Pick<Engine, "state">, key: FilterKey, values: readonly string[]): (network: NetworkDefinition) => boolean {
  switch (key) {
    case "name":
      return (network) => values.some((value) => pattern(value).test(network.name));
    case "id":
      return (network) =>
        values.some((value) => (/^[0-9a-f]+$/.test(value) ? network.id.startsWith(value) : pattern(value).test(network.id)));
    case "driver":
      return (network) => values.includes(network.driver);
    case "label":
      return (network) => values.every((value) => hasLabel(network, value));
    case "label!":
      return (network) => !values.every((value) => hasLabel(network, value));
    case "until":
      return untilMatcher(values);
    case "dangling":
      return danglingMatcher(engine, values);
  }
}

function pattern(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    throw new ToolError("invalid-argument", `invalid filter value "${value}"`, { cause: error });
  }
}

function hasLabel(network: NetworkDefinition, wanted: string): boolean {
  const at = wanted.indexOf("=");
  const labels = network.labels ?? {};
  return at < 0 ? Object.hasOwn(labels, wanted) : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Created before a time, or longer ago than a Go duration. */
function untilMatcher(values: readonly string[]): (network: NetworkDefinition) => boolean {
  if (values.length !== 1) throw new ToolError("invalid-argument", "specify exactly one timestamp for until");
  const limit = timeLimit(values[0] ?? "");
  return (network) => Date.parse(network.created) < limit;
}

function timeLimit(value: string): number {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  if (parts.length > 0 && parts.map((part) => part[0]).join("") === value) {
    return Date.now() - parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ""] ?? 0), 0);
  }
  const absolute = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(absolute)) throw new ToolError("invalid-argument", `failed to parse value as time or duration: "${value}"`);
  return absolute;
}

function danglingMatcher(engine: Pick<Engine, "state">, values: readonly string[]): (network: NetworkDefinition) => boolean {
  const wanted = values.map((value) => {
    if (/^(1|t|true)$/i.test(value)) return true;
    if (/^(0|f|false)$/i.test(value)) return false;
    throw new ToolError("invalid-argument", `invalid dangling filter value "${value}"`);
  });
  const used = usedNetworks(engine);
  return (network) => wanted.every((dangling) => dangling === (!used.has(network.name) && network.name !== "podman"));
}
