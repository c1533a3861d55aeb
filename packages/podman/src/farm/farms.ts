import type { ContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { type ConnectionsFile, defaultOf, editConnectionsFile, readConnectionsFile } from "../remote/destinations.ts";

/** Connections that build together, with the keys that the original lists. */
export interface Farm {
  readonly Name: string;
  readonly Connections: readonly string[];
  readonly Default: boolean;
  /** From podman-connections.json, and so ours to change; others come from containers.conf. */
  readonly ReadWrite: boolean;
}

/** Every known farm by name; one of the file hides one of containers.conf. */
export function listFarms(config: Pick<ContainersConf, "farms">): Farm[] {
  const { Farm: own } = readConnectionsFile();
  const chosen = own.Default || config.farms.default;
  const named =
    (readWrite: boolean) =>
    ([name, connections]: [string, readonly string[]]): Farm => ({
      Name: name,
      Connections: connections,
      Default: name === chosen,
      ReadWrite: readWrite,
    });
  const farms = [
    ...Object.entries(own.List ?? {}).map(named(true)),
    ...Object.entries(config.farms.list)
      .filter(([name]) => own.List?.[name] === undefined)
      .map(named(false)),
  ];
  return farms.sort((one, other) => (one.Name < other.Name ? -1 : 1));
}

/** The farm of that name, or without one the default; undefined when nobody has chosen one. @throws ToolError not-found */
export function findFarm(config: Pick<ContainersConf, "farms">, name: string): Farm | undefined {
  const farms = listFarms(config);
  if (name === "") return farms.find((farm) => farm.Default);
  const found = farms.find((farm) => farm.Name === name);
  if (found === undefined) throw new ToolError("not-found", `farm ${JSON.stringify(name)} not found`);
  return found;
}

/** The first farm becomes the default. @throws ToolError already-exists, not-found */
export function createFarm(name: string, connections: readonly string[]): void {
  editConnectionsFile((file) => {
    const list = file.Farm.List ?? {};
    if (list[name] !== undefined) throw new ToolError("already-exists", `farm with name ${JSON.stringify(name)} already exists`);
    requireConnections(file, connections, "cannot create farm");
    const isFirst = Object.keys(list).length === 0;
    return {
      ...file,
      Farm: { ...(isFirst ? { Default: name } : defaultOf(file.Farm.Default)), List: { ...list, [name]: distinct(connections) } },
    };
  });
}

export interface FarmChanges {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Whether it is to be the default; with false no farm is. */
  readonly isDefault?: boolean;
}

/** @throws ToolError not-found */
export function updateFarm(name: string, { add, remove, isDefault }: FarmChanges): void {
  editConnectionsFile((file) => {
    const list = file.Farm.List ?? {};
    if (Object.keys(list).length === 0) throw new ToolError("not-found", "no farms are created at this time, there is nothing to update");
    const members = list[name];
    if (members === undefined) throw new ToolError("not-found", `cannot update farm, ${JSON.stringify(name)} farm doesn't exist`);
    const stranger = remove.find((one) => !members.includes(one));
    if (stranger !== undefined)
      throw new ToolError("not-found", `cannot remove from farm, ${JSON.stringify(stranger)} is not a connection in the farm`);
    requireConnections(file, add, "cannot add to farm");
    const next = distinct([...members.filter((one) => !remove.includes(one)), ...add]);
    const chosen = isDefault === undefined ? file.Farm.Default : isDefault ? name : undefined;
    return { ...file, Farm: { ...defaultOf(chosen), List: { ...list, [name]: next } } };
  });
}

/** Removes farms, or all; the names of those that there were. @throws ToolError not-found when there was none of them */
export function removeFarms(names: readonly string[] | "all", warn: (message: string) => void): readonly string[] {
  const removed: string[] = [];
  editConnectionsFile((file) => {
    if (names === "all") return { ...file, Farm: {} };
    const list = { ...file.Farm.List };
    if (Object.keys(list).length === 0) throw new ToolError("not-found", "no existing farms; nothing to remove");
    for (const name of names) {
      if (list[name] === undefined) warn(`farm ${JSON.stringify(name)} doesn't exist; nothing to remove`);
      else removed.push(name);
      delete list[name];
    }
    if (removed.length === 0)
      throw new ToolError("not-found", `failed to delete farms [${names.map((name) => JSON.stringify(name)).join(" ")}]`);
    const kept = removed.includes(file.Farm.Default ?? "") ? undefined : file.Farm.Default;
    return {
      ...file,
      Farm: { ...defaultOf(kept || Object.keys(list).sort()[0]), ...(Object.keys(list).length === 0 ? {} : { List: list }) },
    };
  });
  return removed;
}

function requireConnections({ Connection }: ConnectionsFile, names: readonly string[], refusal: string): void {
  const unknown = names.find((name) => Connection.Connections?.[name] === undefined);
  if (unknown !== undefined) throw new ToolError("not-found", `${refusal}, ${JSON.stringify(unknown)} is not a system connection`);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
