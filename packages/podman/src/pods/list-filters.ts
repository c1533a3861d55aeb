import { ToolError } from "@containers/common/errors/tool-error";
import { hasLabel, matchesText, untilTime } from "../containers/listing/list-filters.ts";
import type { PodListing } from "./list.ts";

type Test = (listing: PodListing) => boolean;

const STATUSES = ["created", "degraded", "error", "exited", "paused", "running", "stopped"];

/** `--filter` as `pod ps` has it: every key must fit, of a key's values any (labels: all). invalid-argument for a key that there is not. */
export function podFilter(filters: Readonly<Record<string, readonly string[]>>): Test {
  const tests = Object.entries(filters).map(([key, values]) => buildTest(key, values));
  return (listing) => tests.every((test) => test(listing));
}

function buildTest(key: string, values: readonly string[]): Test {
  const any =
    (test: (listing: PodListing, value: string) => boolean): Test =>
    (listing) =>
      values.some((value) => test(listing, value));
  const anyMember = (test: (member: PodListing["members"][number], value: string) => boolean): Test =>
    any(({ members }, value) => members.some((member) => test(member, value)));
  switch (key) {
    case "id":
      return any(({ pod }, value) => matchesId(pod.id, value));
    case "name":
      return any(({ pod }, value) => matchesText(pod.name, value));
    case "label":
      return ({ pod }) => values.every((value) => hasLabel(pod.labels, value));
    case "label!":
      return ({ pod }) => !values.some((value) => hasLabel(pod.labels, value));
    case "status":
      for (const value of values) checkStatus(value);
      return any(({ status }, value) => status.toLowerCase() === value);
    case "network":
      return any(({ networks }, value) => networks.includes(value));
    case "until":
      return any(({ pod }, value) => Date.parse(pod.createdAt) < untilTime(value));
    case "ctr-ids":
      return anyMember(({ id }, value) => matchesId(id, value));
    case "ctr-names":
      return anyMember(({ name }, value) => matchesText(name, value));
    case "ctr-status":
      for (const value of values) requireMemberStatus(value);
      return anyMember(({ shownStatus }, value) => shownStatus === (value === "stopped" ? "exited" : value));
    case "ctr-number":
      return any(({ members }, value) => members.length === Number(value));
    default:
      throw new ToolError("invalid-argument", `${key} is an invalid filter`, { code: "invalid-filter" });
  }
}

/** The beginning of an id, or an expression that has other than hexadecimal digits. */
function matchesId(id: string, value: string): boolean {
  return /^[0-9a-fA-F]*$/.test(value) ? id.startsWith(value.toLowerCase()) : matchesText(id, value);
}

function checkStatus(value: string): void {
  if (!STATUSES.includes(value)) throw new ToolError("invalid-argument", `${value} is not a valid pod status`);
}

function requireMemberStatus(value: string): void {
  if (["created", "initialized", "running", "stopped", "paused", "exited", "unknown"].includes(value)) return;
  throw new ToolError("invalid-argument", `${value} is not a valid status`);
}
