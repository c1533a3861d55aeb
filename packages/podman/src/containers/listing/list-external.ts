import type { ContainerRecord } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerListing } from "../options.ts";

/** Containers of the store that are not this engine's: working containers of builds, and those of other tools. Oldest first. */
export function listExternal(engine: Pick<Engine, "state" | "store">): ContainerListing[] {
  // Looked up before and after: one that is made or removed meanwhile is not taken for somebody else's.
  const before = engine.state.containers.list();
  const records = engine.store.containers.list();
  const own = new Set([...before, ...engine.state.containers.list()].map(({ id }) => id));
  return records
    .filter(({ id }) => !own.has(id))
    .map((record) => toListing(engine, record))
    .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}

function toListing(engine: Pick<Engine, "store">, record: ContainerRecord): ContainerListing {
  const image = record.image === undefined || record.image === "" ? undefined : engine.store.images.get(record.image);
  return {
    id: record.id,
    name: record.names[0] ?? "",
    imageId: record.image ?? "",
    imageName: image?.names[0] ?? record.image ?? "",
    podId: "",
    isInfra: false,
    autoRemove: false,
    createdAt: record.created,
    process: ["buildah"],
    command: ["buildah"],
    labels: {},
    mounts: [],
    volumes: [],
    networks: [],
    ports: [],
    exposed: [],
    cidfile: "",
    status: "configured",
    shownStatus: "storage",
    pid: 0,
    pidStartTime: 0,
    conmonPid: 0,
    exitCode: 0,
    startedAt: "",
    finishedAt: "",
    restartCount: 0,
    bootId: "",
    needsCleanup: false,
    health: "",
  };
}
