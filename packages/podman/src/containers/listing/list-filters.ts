import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSummary } from "../../state/state.ts";
import { shownStatus } from "../lifecycle/transitions.ts";

type Test = (container: ContainerSummary) => boolean;

export interface FilterSurroundings {
  /** All containers, for filters that compare. */
  readonly all: readonly ContainerSummary[];
  /** Id of an image by name, undefined when there is none. */
  resolveImage(name: string): string | undefined;
  restartPolicyOf(id: string): string;
  wasStoppedByUser(id: string): boolean;
  /** Id of a pod by name or id, undefined when there is none. */
  resolvePod(reference: string): string | undefined;
}

/** `--filter` as `ps` has it: every key must fit, of a key's values any (labels: all). invalid-argument for a key that there is not. */
export function containerFilter(filters: Readonly<Record<string, readonly string[]>>, around: FilterSurroundings): Test {
  const tests = Object.entries(filters).map(([key, values]) => buildTest(key, values, around));
  return (container) => tests.every((test) => test(container));
}

function buildTest(key: string, values: readonly string[], around: FilterSurroundings): Test {
  const any =
    (test: (container: ContainerSummary, value: string) => boolean): Test =>
    (container) =>
      values.some((value) => test(container, value));
  switch (key) {
    case "id":
      return any(({ id }, value) =>
        /^[0-9a-f]+$/i.test(value) ? id.startsWith(value.toLowerCase()) : matchesText(id, value.toLowerCase()),
      );
    case "name":
      return any((container, value) => matchesText(container.name, value.replace(/^(\^?)\//, "$1")));
    case "label":
      return (container) => values.every((value) => hasLabel(container.labels, value));
    case "label!":
      return (container) => !values.some((value) => hasLabel(container.labels, value));
    case "status":
      for (const value of values) requireStatus(value);
      return any((container, value) => sameStatus(container, value));
    case "exited":
      return exitedTest(values);
    case "ancestor":
      return any((container, value) => isAncestor(container, value, around));
    case "network":
      return any((container, value) => container.networks.includes(value));
    case "volume":
      return any((container, value) => usesVolume(container, value));
    case "pod":
      return any((container, value) => container.podId !== "" && container.podId === around.resolvePod(value));
    case "health":
      return any((container, value) => container.health === value);
    case "before":
      return createdTest(values, around, (time, limit) => time < limit);
    case "since":
      return createdTest(values, around, (time, limit) => time > limit);
    case "until":
      return any((container, value) => Date.parse(container.createdAt) < untilTime(value));
    case "restart-policy":
      return restartPolicyTest(values, around);
    case "should-start-on-boot":
      return any((container, value) => startsOnBoot(container.id, around) === trueOrFalse(value));
    case "command":
      return any((container, value) => matchesText(container.process[0] ?? "", value));
    default:
      throw new ToolError("invalid-argument", `${key} is an invalid filter`, { code: "invalid-filter" });
  }
}

function restartPolicyTest(values: readonly string[], around: FilterSurroundings): Test {
  const names: Readonly<Record<string, string>> = {
    none: "no",
    no: "no",
    always: "always",
    "on-failure": "on-failure",
    "unless-stopped": "unless-stopped",
  };
  const policies = values.map((value) => {
    const name = names[value];
    if (name === undefined) throw new ToolError("invalid-argument", `${value} invalid restart policy`);
    return name;
  });
  return ({ id }) => policies.includes(around.restartPolicyOf(id));
}

function exitedTest(values: readonly string[]): Test {
  const codes = values.map((value) => {
    if (/^[+-]?\d+$/.test(value)) return Number(value);
    throw new ToolError(
      "invalid-argument",
      `exited code out of range '\\x00': strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
    );
  });
  return ({ status, exitCode }) => status === "exited" && codes.includes(exitCode);
}

/** Of several containers, the one that was made first is the limit. */
function createdTest(values: readonly string[], around: FilterSurroundings, fits: (time: string, limit: string) => boolean): Test {
  const limit = values.map((value) => createdAt(around, value)).sort()[0] ?? "";
  return ({ createdAt: time }) => fits(time, limit);
}

/** By its restart policy; one that the user stopped only when it is to run always. */
function startsOnBoot(id: string, around: FilterSurroundings): boolean {
  const policy = around.restartPolicyOf(id);
  return policy === "always" || (policy === "unless-stopped" && !around.wasStoppedByUser(id));
}

function trueOrFalse(value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new ToolError("invalid-argument", `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** Names and ids match as regular expressions; text that is none is looked for as it is. */
export function matchesText(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}

/** `KEY` or `KEY=VALUE`; a key may have `*` in it, which stands for any text, and then fits parts of keys too. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf("=");
  const key = at < 0 ? wanted : wanted.slice(0, at);
  const value = at < 0 ? "" : wanted.slice(at + 1);
  if (!key.includes("*")) return labels[key] !== undefined && (value === "" || labels[key] === value);
  const pattern = new RegExp(
    key
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*"),
    "s",
  );
  return Object.entries(labels).some(([name, text]) => pattern.test(name) && (value === "" || text === value));
}

function requireStatus(wanted: string): void {
  const known = ["created", "initialized", "configured", "running", "paused", "exited", "stopped", "stopping", "removing", "unknown"];
  if (!known.includes(wanted)) throw new ToolError("invalid-argument", `unknown container state: ${wanted}: invalid argument`);
}

function sameStatus(container: ContainerSummary, wanted: string): boolean {
  const shown = shownStatus(container.status);
  // What has ended is `exited`; `stopped` is what a container is called meanwhile, and means both here.
  if (wanted === "stopped") return shown === "stopped" || shown === "exited";
  return shown === (wanted === "configured" ? "created" : wanted);
}

function isAncestor(container: ContainerSummary, wanted: string, around: FilterSurroundings): boolean {
  const named =
    container.imageName === wanted || container.imageName.split(":")[0] === wanted || container.imageName.endsWith(`/${wanted}`);
  return (
    named ||
    container.imageId.includes(wanted) ||
    container.imageId === around.resolveImage(wanted) ||
    matchesShort(container.imageName, wanted)
  );
}

function matchesShort(imageName: string, wanted: string): boolean {
  return imageName.replace(/:[^:/]*$/, "").endsWith(`/${wanted}`);
}

function usesVolume(container: ContainerSummary, wanted: string): boolean {
  const [name = "", target] = wanted.split(":");
  const byTarget = container.mounts.includes(name) || container.volumes.includes(name);
  return byTarget && (target === undefined || container.mounts.includes(target));
}

function createdAt(around: FilterSurroundings, reference: string): string {
  const found = around.all.find(({ id, name }) => name === reference || id.startsWith(reference));
  if (found === undefined) throw new ToolError("not-found", `no container with name or ID "${reference}" found: no such container`);
  return found.createdAt;
}

/** A time stamp, seconds since the epoch, or how long ago (`10m`). */
export function untilTime(text: string): number {
  const ago = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (text !== "" && ago !== null) return Date.now() - (Number(ago[1] ?? 0) * 3600 + Number(ago[2] ?? 0) * 60 + Number(ago[3] ?? 0)) * 1000;
  const at = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(at)) throw new ToolError("invalid-argument", `failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return at;
}
