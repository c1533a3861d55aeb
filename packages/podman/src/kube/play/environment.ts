import { availableParallelism, totalmem } from "node:os";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ConfigMap, KubeContainerYaml, KubeEnvVariable } from "../schema/pod-schema.ts";
import { parseQuantity } from "../schema/quantity.ts";

/** What the variables of a container may refer to. */
export interface EnvironmentSources {
  readonly configMaps: readonly ConfigMap[];
  /** Keys of a secret; undefined when there is none of the name. */
  secret(name: string): ReadonlyMap<string, Buffer> | undefined;
  readonly podName: string;
  readonly podId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * A container's variables as `NAME=value`: those of whole maps first, so that single ones win.
 * @throws ToolError for a source that is not there and not optional
 */
export function environmentOf(container: KubeContainerYaml, sources: EnvironmentSources): string[] {
  const variables = new Map<string, string>();
  for (const { configMapRef, secretRef } of container.envFrom) {
    if (configMapRef !== undefined) for (const [key, value] of wholeMap(configMapRef, sources)) variables.set(key, value);
    if (secretRef !== undefined) for (const [key, value] of wholeSecret(secretRef, sources)) variables.set(key, value);
  }
  for (const variable of container.env) {
    const value = variableValue(variable, container, sources);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

interface Reference {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

function wholeMap({ name = "", optional }: Reference, { configMaps }: EnvironmentSources): Array<readonly [string, string]> {
  const map = configMaps.find(({ metadata }) => metadata.name === name);
  if (map !== undefined) return Object.entries(map.data);
  if (optional === true) return [];
  throw new ToolError("not-found", `configmap ${name} not found`, { exitCode: 125 });
}

function wholeSecret({ name = "", optional }: Reference, sources: EnvironmentSources): Array<readonly [string, string]> {
  const keys = sources.secret(name);
  if (keys !== undefined) return [...keys].map(([key, value]) => [key, value.toString()] as const);
  if (optional === true) return [];
  throw new ToolError("not-found", `no secret with name or id "${name}": no such secret`, { exitCode: 125 });
}

function variableValue(variable: KubeEnvVariable, container: KubeContainerYaml, sources: EnvironmentSources): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = variable.valueFrom ?? {};
  if (configMapKeyRef !== undefined) return fromConfigMap(variable.name, configMapKeyRef, sources);
  if (secretKeyRef !== undefined) return fromSecret(variable.name, secretKeyRef, sources);
  if (fieldRef !== undefined) return fromField(variable.name, fieldRef.fieldPath, sources);
  if (resourceFieldRef !== undefined) return fromResource(variable.name, resourceFieldRef, container);
  return variable.value ?? "";
}

function fromConfigMap(
  variable: string,
  { name = "", key, optional }: Reference & { readonly key: string },
  { configMaps }: EnvironmentSources,
): string | undefined {
  const map = configMaps.find(({ metadata }) => metadata.name === name);
  const value = map?.data[key];
  if (value !== undefined || optional === true) return value;
  const problem = map === undefined ? `configmap ${name} not found` : `key ${key} not found in configmap ${name}`;
  throw new ToolError("not-found", `cannot set env ${variable}: ${problem}`, { exitCode: 125 });
}

function fromSecret(
  variable: string,
  { name = "", key, optional }: Reference & { readonly key: string },
  sources: EnvironmentSources,
): string | undefined {
  const keys = sources.secret(name);
  const value = keys?.get(key)?.toString();
  if (value !== undefined || optional === true) return value;
  const problem = keys === undefined ? `no secret with name or id "${name}": no such secret` : `secret ${name} has not ${key} key`;
  throw new ToolError("not-found", `cannot set env ${variable}: ${problem}`, { exitCode: 125 });
}

function fromField(variable: string, path: string, sources: EnvironmentSources): string {
  if (path === "metadata.name") return sources.podName;
  if (path === "metadata.uid") return sources.podId;
  const [, kind, key = ""] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (kind === "labels") return sources.labels[key] ?? "";
  if (kind === "annotations") return sources.annotations[key] ?? "";
  throw new ToolError("invalid-argument", `can not set env ${variable}. Reason: fieldPath ${path} is either not valid or not supported`);
}

const MEMORY_DIVISORS = new Set(["1", ...["k", "M", "G", "T", "P", "E"].flatMap((unit) => [`1${unit}`, `1${unit === "k" ? "K" : unit}i`])]);
const PROCESSOR_DIVISORS = new Set(["1", "1m"]);

function fromResource(
  variable: string,
  { resource, divisor: asked }: { readonly resource: string; readonly divisor?: string | number | undefined },
  container: KubeContainerYaml,
): string {
  const [, list, kind] = /^(limits|requests)\.(memory|cpu)$/.exec(resource) ?? [];
  if (list === undefined || kind === undefined) {
    throw new ToolError(
      "invalid-argument",
      `can not set env ${variable}. Reason: resource ${resource} is either not valid or not supported`,
    );
  }
  const divisor = asked === undefined || parseQuantity(asked) === 0 ? "1" : String(asked);
  if (!(kind === "memory" ? MEMORY_DIVISORS : PROCESSOR_DIVISORS).has(divisor))
    throw new ToolError("invalid-argument", `can not set env ${variable}. Reason: divisor value ${divisor} is not valid`);
  const limit = quantityOf(container.resources?.limits[kind]) || (kind === "memory" ? totalmem() : availableParallelism());
  const value = list === "limits" ? limit : quantityOf(container.resources?.requests[kind]) || limit;
  return String(Math.ceil(value / parseQuantity(divisor)));
}

function quantityOf(value: string | number | undefined): number {
  return value === undefined ? 0 : parseQuantity(value);
}
