import { HttpError } from "../../errors-to-http.ts";
import { BOOLS, ISOLATIONS, LISTS, NAMESPACES, REFUSED, SWITCHES, TEXTS } from "./build-parameters.ts";

/**
 * What of a build's parameters its flags say alike: `?nocache=1&target=x` → `--no-cache=true --target=x`.
 * @throws HttpError 400 for what cannot be read, 501 for what builds here do not know
 */
export function buildArguments(query: URLSearchParams, isLibpod: boolean): string[] {
  const refused = REFUSED.find((name) => isSet(query.get(name)));
  if (refused !== undefined) throw new HttpError(501, `the build parameter ${JSON.stringify(refused)} is not supported`);
  return [
    ...Object.entries(TEXTS).flatMap(([name, flag]) => text(query.get(name), flag)),
    ...Object.entries(BOOLS).flatMap(([name, flag]) => bool(query.get(name), flag)),
    ...Object.entries(SWITCHES).flatMap(([name, flag]) => (isSet(query.get(name)) ? [`--${flag}`] : [])),
    ...Object.entries(LISTS).flatMap(([name, flag]) => list(query, name).map((value) => `--${flag}=${value}`)),
    ...list(query, "ulimits").map((value) => `--ulimit=${value}`),
    ...map(query, "buildargs").map((pair) => `--build-arg=${pair}`),
    ...map(query, "labels").map((pair) => `--label=${pair}`),
    ...platforms(query).map((platform) => `--platform=${platform}`),
    ...pull(query, isLibpod),
    ...cacheLifetime(query),
    ...idMaps(query),
    ...namespaces(query, isLibpod),
    // Docker's clients do not know of it, and expect a cache.
    ...(isLibpod && !query.has("layers") ? ["--layers=false"] : []),
    ...(isLibpod ? [...isolation(query), ...security(query)] : ["--format=docker"]),
  ];
}

function isSet(value: string | null): boolean {
  return value !== null && !["", "0", "false", "f", "no", "none", "[]", "null"].includes(value.toLowerCase());
}

function text(value: string | null, flag: string): string[] {
  return value === null || value === "" || value === "0" ? [] : [`--${flag}=${value}`];
}

function bool(value: string | null, flag: string): string[] {
  if (value === null || value === "") return [];
  return [`--${flag}=${isSet(value)}`];
}

/** Of a list as JSON or repeated. */
export function list(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((value) => {
    if (value === "" || value === "null") return [];
    if (!value.startsWith("[")) return [value];
    const parsed = json(name, value);
    if (!Array.isArray(parsed)) throw refuse(name, value);
    return parsed.map((one) => (typeof one === "string" ? one : ulimit(one)));
  });
}

/** Docker's form of a limit. */
function ulimit(one: unknown): string {
  if (typeof one !== "object" || one === null || !("Name" in one)) return String(one);
  const { Name, Soft, Hard } = one as { readonly Name: unknown; readonly Soft?: unknown; readonly Hard?: unknown };
  return `${String(Name)}=${String(Soft ?? 0)}:${String(Hard ?? Soft ?? 0)}`;
}

/** A JSON map, or a list of `key=value`; a value of null is the environment's, which is not the client's. */
function map(query: URLSearchParams, name: string): string[] {
  const value = query.get(name);
  if (value === null || value === "") return [];
  const parsed = json(name, value);
  if (Array.isArray(parsed)) return parsed.map(String);
  if (typeof parsed !== "object" || parsed === null) throw refuse(name, value);
  const entries: ReadonlyArray<readonly [string, unknown]> = Object.entries(parsed);
  return entries.flatMap(([key, one]) => (one === null ? [] : [`${key}=${String(one)}`]));
}

function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw refuse(name, value);
  }
}

function refuse(name: string, value: string): HttpError {
  const because = `invalid character '${value[0] ?? ""}' looking for beginning of value`;
  return new HttpError(400, `failed to parse query parameter '${name}': ${JSON.stringify(value)}: ${because}`, { because });
}

function platforms(query: URLSearchParams): string[] {
  return query.getAll("platform").flatMap((value) => value.split(",").filter((one) => one !== ""));
}

function pull(query: URLSearchParams, isLibpod: boolean): string[] {
  const policy = query.get("pullpolicy");
  if (isLibpod && policy)
    return [`--pull=${policy.replace(/^Pull/, "").replace("IfMissing", "missing").replace("IfNewer", "newer").toLowerCase()}`];
  return bool(query.get("pull"), "pull").includes("--pull=true") ? ["--pull=always"] : [];
}

/** As a Go duration; none is for ever. */
function cacheLifetime(query: URLSearchParams): string[] {
  const value = query.get("cachettl") ?? "";
  return value === "" || /^0\D*$/.test(value) ? [] : [`--cache-ttl=${value}`];
}

interface IdMap {
  readonly ContainerID?: number;
  readonly HostID?: number;
  readonly Size?: number;
}

function idMaps(query: URLSearchParams): string[] {
  const value = query.get("idmappingoptions");
  if (value === null || value === "") return [];
  const { UIDMap, GIDMap } = (json("idmappingoptions", value) ?? {}) as {
    readonly UIDMap?: IdMap[] | null;
    readonly GIDMap?: IdMap[] | null;
  };
  const flags = (flag: string, maps: readonly IdMap[] | null | undefined): string[] =>
    (maps ?? []).map(({ ContainerID = 0, HostID = 0, Size = 0 }) => `--${flag}=${ContainerID}:${HostID}:${Size}`);
  return [...flags("userns-uid-map", UIDMap), ...flags("userns-gid-map", GIDMap)];
}

interface NamespaceOption {
  readonly Name?: string;
  readonly Host?: boolean;
  readonly Path?: string;
}

/** Docker's builds have the host's network unless they ask for another. */
function namespaces(query: URLSearchParams, isLibpod: boolean): string[] {
  const mode = query.get("networkmode") ?? "";
  if (!isLibpod) return [`--network=${mode === "" || mode === "default" ? "host" : mode}`];
  const text = query.get("nsoptions");
  const parsed = text ? json("nsoptions", text) : [];
  if (!Array.isArray(parsed)) throw refuse("nsoptions", text ?? "");
  const isWithoutNetwork = mode === "1" || mode === "NetworkDisabled";
  const asked = parsed.flatMap(({ Name = "", Host, Path = "" }: NamespaceOption): string[] => {
    const flag = NAMESPACES[Name];
    if (flag === undefined || (isWithoutNetwork && Name === "network")) return [];
    if (Host === true) return [`--${flag}=host`];
    return Path === "" ? [] : [`--${flag}=${Path.startsWith("/") ? `ns:${Path}` : Path}`];
  });
  return [...(isWithoutNetwork ? ["--network=none"] : []), ...asked];
}

function isolation(query: URLSearchParams): string[] {
  const value = query.get("isolation") ?? "";
  const name = /^\d+$/.test(value) ? ISOLATIONS[Number(value)] : value;
  if (name === undefined) throw refuse("isolation", value);
  return name === "" || name === "default" ? [] : [`--isolation=${name}`];
}

/** Libpod has a parameter for each kind of security option. */
function security(query: URLSearchParams): string[] {
  const one = (name: string): string[] => (query.get(name) ? [`--security-opt=${name}=${query.get(name)}`] : []);
  return [...list(query, "labelopts").map((value) => `--security-opt=label=${value}`), ...one("seccomp"), ...one("apparmor")];
}
