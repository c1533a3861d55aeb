import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { withFileLock } from "@containers/common/fs/file-lock";
import { userPaths } from "@containers/common/fs/xdg-paths";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Where a service is, with the keys of podman-connections.json. */
interface Destination {
  readonly URI: string;
  readonly Identity?: string;
  readonly TLSCA?: string;
  readonly TLSCert?: string;
  readonly TLSKey?: string;
  readonly IsMachine?: boolean;
}

export interface Connection extends Destination {
  readonly Name: string;
  readonly Default: boolean;
  /** From podman-connections.json, and so ours to change; others come from containers.conf. */
  readonly ReadWrite: boolean;
}

/** podman-connections.json. */
export interface ConnectionsFile {
  readonly Connection: { readonly Default?: string; readonly Connections?: Readonly<Record<string, Destination>> };
  readonly Farm: { readonly Default?: string; readonly List?: Readonly<Record<string, readonly string[]>> };
}

/** Every known connection by name; one of the file hides one of containers.conf. */
export function listConnections(config: ContainersConf): Connection[] {
  const file = readConnectionsFile();
  const own = file.Connection.Connections ?? {};
  const fallback = file.Connection.Default || config.engine.activeService;
  const configured = configuredDestinations(config);
  const named = (readWrite: boolean) => (entry: [string, Destination]) => ({
    Name: entry[0],
    ...entry[1],
    Default: entry[0] === fallback,
    ReadWrite: readWrite,
  });
  const connections = [
    ...Object.entries(own).map(named(true)),
    ...Object.entries(configured)
      .filter(([name]) => own[name] === undefined)
      .map(named(false)),
  ];
  return connections.sort((one, other) => (one.Name < other.Name ? -1 : 1));
}

/** The connection of that name, or without one the default; undefined when there is none. */
export function findConnection(config: ContainersConf, name?: string): Connection | undefined {
  return listConnections(config).find((connection) => (name === undefined ? connection.Default : connection.Name === name));
}

/** Adds a connection or replaces the one of the name. The first becomes the default. */
export function addConnection(
  name: string,
  destination: Destination,
  options: { readonly isDefault: boolean; readonly farm?: string },
): void {
  editConnectionsFile(({ Connection: connection, Farm: farm }) => {
    const isFirst = connection.Connections === undefined;
    const members = farm.List?.[options.farm ?? ""] ?? [];
    return {
      Connection: {
        ...(isFirst || options.isDefault ? { Default: name } : defaultOf(connection.Default)),
        Connections: { ...connection.Connections, [name]: compact(destination) },
      },
      Farm:
        options.farm === undefined || options.farm === ""
          ? farm
          : {
              ...defaultOf(Object.keys(farm.List ?? {}).length === 0 ? options.farm : farm.Default),
              List: { ...farm.List, [options.farm]: [...members, name] },
            },
    };
  });
}

/** Forgets a connection, or all. One that is not there is no error. */
export function removeConnection(name: string | undefined): void {
  editConnectionsFile(({ Connection: connection, Farm: farm }) => {
    const without = (names: readonly string[]): readonly string[] => (name === undefined ? [] : names.filter((one) => one !== name));
    const lists = Object.entries(farm.List ?? {}).map(([key, names]) => [key, without(names)] as const);
    const Farm = { ...farm, ...(lists.length === 0 ? {} : { List: Object.fromEntries(lists) }) };
    if (name === undefined) return { Connection: {}, Farm };
    const { [name]: _gone, ...rest } = connection.Connections ?? {};
    return {
      Connection: {
        ...defaultOf(connection.Default === name ? undefined : connection.Default),
        ...(Object.keys(rest).length === 0 ? {} : { Connections: rest }),
      },
      Farm,
    };
  });
}

/** @throws ToolError not-found */
export function renameConnection(from: string, to: string): void {
  editConnectionsFile((file) => {
    const { [from]: moved, ...rest } = file.Connection.Connections ?? {};
    if (moved === undefined) throw notDefined(from);
    return {
      ...file,
      Connection: {
        ...defaultOf(file.Connection.Default === from ? to : file.Connection.Default),
        Connections: { ...rest, [to]: moved },
      },
    };
  });
}

/** @throws ToolError not-found */
export function setDefaultConnection(name: string): void {
  editConnectionsFile((file) => {
    if (file.Connection.Connections?.[name] === undefined) throw notDefined(name);
    return { ...file, Connection: { Default: name, Connections: file.Connection.Connections } };
  });
}

function notDefined(name: string): ToolError {
  return new ToolError(
    "not-found",
    `${JSON.stringify(name)} destination is not defined. See "podman system connection add ..." to create a connection`,
  );
}

export function defaultOf(name: string | undefined): { Default?: string } {
  return name === undefined || name === "" ? {} : { Default: name };
}

/** `podman-connections.json` beside the user's containers.conf, root's included. */
function connectionsPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env.PODMAN_CONNECTIONS_CONF;
  return named === undefined ? `${userPaths(env).configHome}/containers/podman-connections.json` : named;
}

/** What the user has defined. @throws ToolError corrupt */
export function readConnectionsFile(): ConnectionsFile {
  return readFile(connectionsPath());
}

/** Changes the file as a whole, others kept out meanwhile. */
export function editConnectionsFile(change: (file: ConnectionsFile) => ConnectionsFile): void {
  const path = connectionsPath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  withFileLock(`${path}.lock`, "write", () =>
    writeFileAtomic(path, `${JSON.stringify(sorted(change(readFile(path))))}\n`, { mode: 0o644, locked: true }),
  );
}

/** Names in the order in which the original writes them. */
function sorted({ Connection: connection, Farm: farm }: ConnectionsFile): ConnectionsFile {
  const ordered = <T>(table: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined => {
    const entries = Object.entries(table ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  const [Connections, List] = [ordered(connection.Connections), ordered(farm.List)];
  return {
    Connection: { ...connection, ...(Connections === undefined ? {} : { Connections }) },
    Farm: { ...farm, ...(List === undefined ? {} : { List }) },
  };
}

function readFile(path: string): ConnectionsFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return { Connection: {}, Farm: {} };
    throw error;
  }
  try {
    const parsed = JSON.parse(text) as Partial<ConnectionsFile> | null;
    const connection = parsed?.Connection ?? {};
    const known = Object.entries(connection.Connections ?? {}).map(([name, value]) => [name, readDestination(value)] as const);
    return {
      Connection: { ...connection, ...(known.length === 0 ? {} : { Connections: Object.fromEntries(known) }) },
      Farm: parsed?.Farm ?? {},
    };
  } catch (error) {
    throw new ToolError("corrupt", `parse ${JSON.stringify(path)}`, { cause: error });
  }
}

/** `[engine.service_destinations.NAME]` has the same five things in lower case. */
function configuredDestinations(config: ContainersConf): Record<string, Destination> {
  const tables = Object.entries(config.engine.serviceDestinations as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  return Object.fromEntries(
    tables.map(([name, table]) => [
      name,
      readDestination({
        URI: table["uri"],
        Identity: table["identity"],
        TLSCA: table["tls_ca"],
        TLSCert: table["tls_cert"],
        TLSKey: table["tls_key"],
        IsMachine: table["is_machine"],
      }),
    ]),
  );
}

function readDestination(value: unknown): Destination {
  const table = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const text = (key: string): string => (typeof table[key] === "string" ? table[key] : "");
  return compact({
    URI: text("URI"),
    Identity: text("Identity"),
    TLSCA: text("TLSCA"),
    TLSCert: text("TLSCert"),
    TLSKey: text("TLSKey"),
    IsMachine: table["IsMachine"] === true,
  });
}

/** Without what is empty, in the order of the file. */
function compact({ URI, ...rest }: Destination): Destination {
  const order = ["Identity", "TLSCert", "TLSKey", "TLSCA", "IsMachine"] as const;
  return { URI, ...Object.fromEntries(order.flatMap((key) => (rest[key] ? [[key, rest[key]]] : []))) };
}
