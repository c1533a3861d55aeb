import { ToolError } from "@containers/common/errors/tool-error";
import type { Container } from "../../containers/config.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import type { ContainerSummary, ContainerTable, ExecSession, PodTable, State, VolumeRecord } from "../state.ts";
import { networkNames, userMountTargets, volumeNames } from "../summary-fields.ts";

/** A {@link State} that forgets everything with the process: the double for tests. */
export function memoryState(): State {
  const containers = new Map<string, Container>();
  const sessions = new Map<string, ExecSession>();
  const exitCodes = new Map<string, number>();
  const volumes = new Map<string, VolumeRecord>();
  const pods = new Map<string, PodRecord>();
  return {
    containers: memoryContainers(containers, sessions),
    execSessions: {
      insert: (session) => void sessions.set(session.id, session),
      get: (id) => sessions.get(id),
      ofContainer: (id) => [...sessions.values()].filter((session) => session.containerId === id),
      update: (session) => void (sessions.has(session.id) && sessions.set(session.id, session)),
      remove: (id) => void sessions.delete(id),
    },
    exitCodes: {
      set: (id, code) => void exitCodes.set(id, code),
      get: (id) => exitCodes.get(id),
      prune: () => undefined,
    },
    pods: memoryPods(pods),
    volumes: {
      insert(volume) {
        if (volumes.has(volume.name))
          throw new ToolError("already-exists", `volume with name ${volume.name} already exists: volume already exists`);
        volumes.set(volume.name, volume);
      },
      get: (name) => volumes.get(name),
      resolve: (reference) =>
        volumes.get(reference) ??
        onlyOne(
          [...volumes.values()].filter(({ name }) => name.startsWith(reference)),
          reference,
        ),
      list: () => [...volumes.values()].sort((a, b) => a.name.localeCompare(b.name)),
      update: (volume) => void (volumes.has(volume.name) && volumes.set(volume.name, volume)),
      remove: (name) => void volumes.delete(name),
    },
    transaction: (body) => rollBackOnError([containers, sessions, exitCodes, volumes, pods], body),
    close: () => undefined,
  };
}

function memoryPods(pods: Map<string, PodRecord>): PodTable {
  const named = (name: string): PodRecord | undefined => [...pods.values()].find((pod) => pod.name === name);
  return {
    insert(pod) {
      if (pods.has(pod.id) || named(pod.name) !== undefined)
        throw new ToolError("already-exists", `adding pod to state: name "${pod.name}" is in use: pod already exists`, {
          code: "name-in-use",
        });
      pods.set(pod.id, pod);
    },
    get: (id) => pods.get(id),
    resolve: (reference) =>
      pods.get(reference) ??
      named(reference) ??
      onlyOne(
        [...pods.values()].filter(({ id }) => reference !== "" && id.startsWith(reference)),
        reference,
      ),
    list: () => [...pods.values()].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
    update: (pod) => void (pods.has(pod.id) && pods.set(pod.id, pod)),
    remove: (id) => void pods.delete(id),
  };
}

function memoryContainers(containers: Map<string, Container>, sessions: Map<string, ExecSession>): ContainerTable {
  const named = (name: string): Container | undefined => [...containers.values()].find(({ config }) => config.name === name);
  return {
    insert(container) {
      const { id, name } = container.config;
      const holder = containers.get(id) ?? named(name);
      if (holder !== undefined)
        throw new ToolError("already-exists", `the container name "${name}" is already in use by ${holder.config.id}`, {
          code: "name-in-use",
        });
      containers.set(id, container);
    },
    get: (id) => containers.get(id),
    resolve(asked) {
      const reference = asked.replace(/^\//, "");
      const exact = containers.get(reference) ?? named(reference);
      return (
        exact ??
        onlyOne(
          [...containers.values()].filter(({ config }) => config.id.startsWith(reference)),
          reference,
        )
      );
    },
    list(filter = {}) {
      return [...containers.values()]
        .map(toSummary)
        .filter((summary) => filter.statuses?.includes(summary.status) ?? true)
        .filter((summary) => filter.imageId === undefined || summary.imageId === filter.imageId)
        .filter((summary) => filter.podId === undefined || summary.podId === filter.podId)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    },
    setState(id, state) {
      const container = containers.get(id);
      if (container !== undefined) containers.set(id, { ...container, state });
      return container !== undefined;
    },
    setConfig(id, config) {
      const container = containers.get(id);
      const holder = named(config.name);
      if (holder !== undefined && holder.config.id !== id)
        throw new ToolError("already-exists", `name "${config.name}" is already in use by another container`, { code: "name-in-use" });
      if (container !== undefined) containers.set(id, { ...container, config });
    },
    remove(id) {
      containers.delete(id);
      for (const session of [...sessions.values()]) if (session.containerId === id) sessions.delete(session.id);
    },
    dependents: (id) => [...containers.values()].filter(({ config }) => config.dependencies.includes(id)).map(({ config }) => config.id),
    usingVolume: (name) =>
      [...containers.values()].filter(({ config }) => volumeNames(config).includes(name)).map(({ config }) => config.id),
  };
}

function onlyOne<T>(candidates: readonly T[], reference: string): T | undefined {
  if (candidates.length > 1) throw new ToolError("invalid-argument", `more than one result for ${reference}`, { code: "ambiguous" });
  return candidates[0];
}

function rollBackOnError<T>(tables: readonly Map<string, unknown>[], body: () => T): T {
  const copies = tables.map((table) => [...table]);
  try {
    return body();
  } catch (error) {
    tables.forEach((table, index) => {
      table.clear();
      for (const [key, value] of copies[index] ?? []) table.set(key, value);
    });
    throw error;
  }
}

function toSummary({ config, state }: Container): ContainerSummary {
  return {
    id: config.id,
    name: config.name,
    imageId: config.imageId,
    imageName: config.imageName,
    podId: config.podId,
    isInfra: config.isInfra,
    autoRemove: config.autoRemove,
    createdAt: config.createdAt,
    process: config.process,
    command: config.command,
    labels: config.labels,
    mounts: userMountTargets(config),
    volumes: volumeNames(config),
    networks: networkNames(config),
    ports: config.network.ports,
    exposed: config.network.exposed,
    cidfile: config.cidfile,
    status: state.status,
    pid: state.pid,
    pidStartTime: state.pidStartTime,
    conmonPid: state.conmonPid,
    exitCode: state.exitCode,
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    restartCount: state.restartCount,
    bootId: state.bootId,
    needsCleanup: state.needsCleanup,
    health: state.health?.status ?? "",
  };
}
