import { writeFileSync } from "node:fs";
import { packContext } from "@containers/buildah/index";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryConfigHeader } from "../registry-headers.ts";
import { jsonLines, type Query, type QueryValue, type Service } from "../service.ts";
import { record, text } from "../wire.ts";

type Flags = Readonly<Record<string, unknown>>;

export interface RemoteBuild {
  /** Values of the build's flags by camelCase name, and which stood on the command line. */
  readonly flags: Flags;
  given(flag: string): boolean;
  /** All flags of the command, by their names. */
  readonly names: readonly string[];
  readonly context: string | undefined;
  readonly access: RegistryAccess;
  /** Takes the build's output. */
  write(text: string): void;
}

/** Sends the context to the service, which builds the image; gives its id. @throws ToolError with the service's reason */
export async function buildImage(service: Service, build: RemoteBuild): Promise<string> {
  const { flags } = build;
  refuseOthers(build);
  const ignoreFile = optionalText(flags["ignorefile"]);
  const packed = await packContext(build.context, { files: list(flags["file"]), ...(ignoreFile === undefined ? {} : { ignoreFile }) });
  try {
    const response = await service.request("POST", "/build", {
      query: { ...buildQuery(build), dockerfile: JSON.stringify(packed.containerfiles) },
      body: packed.stream,
      headers: { "content-type": "application/x-tar", ...registryConfigHeader(build.access) },
    });
    const id = await followBuild(jsonLines(response), build.write);
    const iidFile = optionalText(flags["iidfile"]);
    if (iidFile !== undefined) writeFileSync(iidFile, `sha256:${id}`);
    return id;
  } finally {
    packed.close();
  }
}

/** Passes the output on; the last thing that looks like an id is the image's. */
async function followBuild(lines: AsyncIterable<unknown>, write: (text: string) => void): Promise<string> {
  let id = "";
  for await (const line of lines) {
    const report = record(line);
    const failure = text(report["error"]) || text(record(report["errorDetail"])["message"]);
    if (failure !== "") throw new ToolError("internal", failure);
    const said = text(report["stream"]);
    if (said !== "") write(said);
    if (/^[0-9a-f]{64}\s*$/.test(said)) id = said.trim();
  }
  if (id === "") throw new ToolError("internal", "the service ended the build without an image");
  return id;
}

type Translate = (value: unknown, flags: Flags) => Query;

const asIs =
  (key: string): Translate =>
  (value) => ({ [key]: value as QueryValue });
const asNumber =
  (key: string): Translate =>
  (value) => ({ [key]: value === true ? 1 : value === false ? 0 : (value as QueryValue) });
const asJson =
  (key: string): Translate =>
  (value) => ({ [key]: JSON.stringify(value) });
const asMap =
  (key: string): Translate =>
  (value) => ({ [key]: JSON.stringify(Object.fromEntries(list(value).map((entry) => pair(entry)))) });
const nothing: Translate = () => ({});

/** What each flag becomes in the query. Those that are not here cannot be asked of a service. */
const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  "add-host": asJson("extrahosts"),
  annotation: asJson("annotations"),
  authfile: nothing,
  "build-arg": asMap("buildargs"),
  "cap-add": asJson("addcaps"),
  "cap-drop": asJson("dropcaps"),
  "cert-dir": nothing,
  "cgroup-parent": asIs("cgroupparent"),
  "cpu-period": asIs("cpuperiod"),
  "cpu-quota": asIs("cpuquota"),
  "cpu-shares": asIs("cpushares"),
  "cpuset-cpus": asIs("cpusetcpus"),
  "cpuset-mems": asIs("cpusetmems"),
  creds: nothing,
  "disable-compression": nothing,
  dns: asJson("dnsservers"),
  "dns-option": asJson("dnsoptions"),
  "dns-search": asJson("dnssearch"),
  env: asIs("setenv"),
  file: nothing,
  "force-rm": asNumber("forcerm"),
  format: (value) => ({ outputformat: value === "docker" ? "application/vnd.docker.distribution.manifest.v2+json" : OCI }),
  from: asIs("from"),
  "http-proxy": asNumber("httpproxy"),
  "identity-label": asNumber("identitylabel"),
  ignorefile: nothing,
  iidfile: nothing,
  "inherit-annotations": asNumber("inheritannotations"),
  "inherit-labels": asNumber("inheritlabels"),
  jobs: asIs("jobs"),
  label: asJson("labels"),
  layers: asNumber("layers"),
  memory: asIs("memory"),
  "memory-swap": asIs("memswap"),
  network: (value) => ({ networkmode: value === "none" ? 1 : 2, ...(value === "host" ? { nsoptions: HOST_NETWORK } : {}) }),
  "no-cache": asNumber("nocache"),
  "no-hosts": asNumber("nohosts"),
  "omit-history": asNumber("omithistory"),
  platform: asIs("platform"),
  pull: (value) => ({ pullpolicy: pullPolicy(value) }),
  // The client leaves the output out, and so need not know who tells the id without it.
  quiet: nothing,
  retry: asIs("retry"),
  rm: asNumber("rm"),
  "skip-unused-stages": asNumber("skipunusedstages"),
  squash: asNumber("squash"),
  tag: asIs("t"),
  target: asIs("target"),
  timestamp: asIs("timestamp"),
  "tls-verify": asIs("tlsVerify"),
  unsetenv: asIs("unsetenv"),
  unsetlabel: asIs("unsetlabel"),
  volume: asIs("volume"),
};

const OCI = "application/vnd.oci.image.manifest.v1+json";
const HOST_NETWORK = JSON.stringify([{ Name: "network", Host: true, Path: "" }]);

/** Refuses what the query has no word for. */
function refuseOthers({ names, given }: RemoteBuild): void {
  const other = names.find((name) => given(name) && TRANSLATIONS[name] === undefined);
  if (other !== undefined) throw new ToolError("unsupported", `--${other} is not supported with the remote podman client`);
}

function buildQuery({ flags, given, names }: RemoteBuild): Query {
  let query: Query = { layers: 1, forcerm: 1, rm: 1, outputformat: OCI, pullpolicy: "missing", networkmode: 0 };
  for (const name of names) {
    const value = flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (given(name)) query = { ...query, ...TRANSLATIONS[name]?.(value, flags) };
  }
  return query;
}

function pullPolicy(value: unknown): string {
  const policy = String(value);
  return policy === "true" || policy === "ifmissing" ? "missing" : policy === "false" ? "never" : policy;
}

function pair(entry: string): [string, string] {
  const equals = entry.indexOf("=");
  if (equals !== -1) return [entry.slice(0, equals), entry.slice(equals + 1)];
  return [entry, process.env[entry] ?? ""];
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
