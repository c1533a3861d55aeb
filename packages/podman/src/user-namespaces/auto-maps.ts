import { ToolError } from "@containers/common/errors/tool-error";
import { readFileInRoot } from "@containers/common/fs/open-in-root";
import { type AutoUsernsConf, loadStorageConf } from "@containers/storage/config/storage-conf";
import type { IdMapSpec } from "../container-spec/namespace-spec.ts";
import type { Engine } from "../engine/engine.ts";
import { autoIds } from "./available-ids.ts";
import { type IdRange, pairRanges, subtractRanges } from "./id-ranges.ts";

const NOBODY = 65534;

export interface AutoRequest {
  /** As many ids as asked for; else as many as the image's accounts need. */
  readonly size?: number;
  /** Added to what is chosen, in its place. */
  readonly uidMaps: readonly IdMapSpec[];
  readonly gidMaps: readonly IdMapSpec[];
  /** Image id. */
  readonly image?: string;
}

/**
 * Maps on ids that no other container has. The caller holds a lock until the container's record, which keeps the ids from
 * others, is written.
 *
 * @throws unavailable when there are not enough
 */
export function chooseAutoMaps(
  engine: Pick<Engine, "sys" | "store" | "rootless">,
  request: AutoRequest,
): { readonly uidMap: readonly IdMapSpec[]; readonly gidMap: readonly IdMapSpec[] } {
  const { autoUserns } = loadStorageConf();
  const size = request.size ?? neededSize(engine, request.image, autoUserns);
  const containers = engine.store.containers.list();
  const choose = (kind: "uid" | "gid", added: readonly IdMapSpec[], used: readonly IdMapSpec[]): IdMapSpec[] => {
    const free = subtractRanges(autoIds(kind, { rootless: engine.rootless, user: autoUserns.user }), hostRanges([...used, ...added]));
    const wanted = subtractRanges(
      [{ start: 0, end: size }],
      added.map((map) => ({ start: map.containerId, end: map.containerId + map.size })),
    );
    return [...pairRanges(wanted, withRoom(free, wanted)), ...added];
  };
  return {
    uidMap: choose(
      "uid",
      request.uidMaps,
      containers.flatMap((one) => one.uidMap ?? []),
    ),
    gidMap: choose(
      "gid",
      request.gidMaps,
      containers.flatMap((one) => one.gidMap ?? []),
    ),
  };
}

/** One range that has room for all, when there is one, so that the map stays short. */
function withRoom(free: readonly IdRange[], wanted: readonly IdRange[]): readonly IdRange[] {
  const needed = wanted.reduce((sum, { start, end }) => sum + end - start, 0);
  const roomy = free.find(({ start, end }) => end - start >= needed);
  return roomy === undefined ? free : [roomy];
}

function hostRanges(maps: readonly IdMapSpec[]): IdRange[] {
  return maps.map(({ hostId, size }) => ({ start: hostId, end: hostId + size }));
}

/** Enough for every account of the image, but for nobody's. */
function neededSize(engine: Pick<Engine, "sys" | "store">, image: string | undefined, { least, most }: AutoUsernsConf): number {
  const layer = image === undefined ? undefined : engine.store.images.get(image)?.layer;
  if (layer === undefined) return least;
  const root = engine.store.layers.mount(layer, { readOnly: true });
  try {
    const text = (file: string): string => readFileInRoot(engine.sys, root, file)?.toString("utf8") ?? "";
    const ids = [...accountIds(text("/etc/passwd"), [2, 3]), ...accountIds(text("/etc/group"), [2])];
    const size = Math.max(least, ...ids.map((id) => id + 1));
    if (size <= most) return size;
    throw new ToolError(
      "invalid-argument",
      `creating container storage: the container needs a user namespace with size ${size} that is bigger than the maximum value allowed with userns=auto ${most}`,
    );
  } finally {
    engine.store.layers.unmount(layer);
  }
}

function accountIds(text: string, fields: readonly number[]): number[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name = ""]) => name !== "" && name !== "nobody" && name !== "nogroup")
    .flatMap((words) => fields.map((field) => words[field] ?? ""))
    .filter((word) => /^\d+$/.test(word))
    .map(Number)
    .filter((id) => id !== NOBODY);
}
