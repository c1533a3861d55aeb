import { defineFlags, type Output } from "@containers/common/cli/define-command";
import { exitCodeFor } from "@containers/common/cli/exit-codes";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { withEmptyLists, withOmitted, withTimes } from "./inspect-fields.ts";

export const inspectFormatFlag = defineFlags({
  format: { type: "string", short: "f", default: "json", description: "Print as JSON or through a Go template" },
});

/** Fields of inspected objects that are maps: a missing key is no error. */
export const mapFields: ReadonlySet<string> = new Set([
  "Labels",
  "Annotations",
  "CgroupConf",
  "Ports",
  "Networks",
  "PortBindings",
  "Options",
  "Data",
  "ExposedPorts",
  "Volumes",
  "Sysctls",
  "Tmpfs",
  "AdditionalNetworks",
  "DriverOpts",
]);

/** What templates call otherwise than JSON does. */
const fieldAliases: Readonly<Record<string, string>> = {
  ID: "Id",
  SdNotifyMode: "sdNotifyMode",
  SdNotifySocket: "sdNotifySocket",
  AdditionalMacAddresses: "AdditionalMACAddresses",
  Src: "Source",
  Dst: "Destination",
  ImageID: "Image",
  Type: "type",
  Mounts: "mounts",
  PidNS: "pid_ns",
  UserNS: "userns",
  UtsNS: "uts_ns",
  Healthcheck: "Health",
  HealthMaxLogCount: "HealthcheckMaxLogCount",
  HealthMaxLogSize: "HealthcheckMaxLogSize",
};

export interface InspectRequest<T> {
  readonly format: string;
  readonly out: Output;
  /** Throws not-found when there is no such object. */
  find(reference: string): Promise<T>;
  /** What JSON shows of what was found; without it, all. */
  json?(found: T): unknown;
  /** The fields that templates may name; without it, those of JSON. */
  fields?(found: T): unknown;
}

/**
 * Prints what was found and tells what was not: JSON as one list, templates object by object.
 * @returns the exit code
 */
export async function inspectAll<T>(references: readonly string[], request: InspectRequest<T>): Promise<number> {
  const { format, out, find } = request;
  const found: T[] = [];
  const failures: unknown[] = [];
  for (const reference of references) {
    try {
      found.push(await find(reference));
    } catch (error) {
      if (!isErrorOfKind(error, "not-found")) throw error;
      failures.push(error);
    }
  }
  const json = found.map((one) => request.json?.(one) ?? one);
  if (isJsonFormat(format)) out.stdout(`${toJson(json, { indent: 5 })}\n`);
  else {
    const { formatRows } = await import("@containers/common/report/format");
    const fields = request.fields === undefined ? json : found.map((one) => request.fields?.(one));
    const rows = fields.map(withOmitted).map(withEmptyLists).map(withTimes);
    out.stdout(formatRows(format, rows, { name: "inspect", typeName: "interface {}", mapFields, fieldAliases, json }));
  }
  for (const error of failures) out.stderr(`Error: ${describeError(error)}\n`);
  return failures.length === 0 ? 0 : exitCodeFor("podman", failures[0]);
}
