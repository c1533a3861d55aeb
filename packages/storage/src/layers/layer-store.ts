import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { readBigData } from "../images/big-data.ts";
import type { ByteStream, DiffOptions, LayerRecord, LayerStore, StagedLayer } from "../store.ts";
import { setField } from "../store-lock/record-fields.ts";
import { directorySize } from "../usage/directory-size.ts";
import { createLayer } from "./create-layer.ts";
import { findLayer, type LayerContext, readLayers, requireLayer, withBins, writeLayers } from "./layer-context.ts";
import { toLayerRecord } from "./layer-record.ts";
import { layerMountPoint, mountLayer, unmountLayer } from "./mount-layer.ts";
import { removeLayers } from "./remove-layer.ts";
import type { StagedLayerFiles } from "./stage-layer.ts";

/** The layers of a store. `guard` is asked before a layer is removed and throws when an image or container needs it. */
export function layerStore(context: LayerContext, guard: (id: string) => void): LayerStore {
  const list = (): LayerRecord[] => {
    const own = readLayers(context, (entries) => entries.map((entry) => toLayerRecord(entry.raw, false)));
    const known = new Set(own.map((layer) => layer.id));
    for (const { table } of context.additional) {
      const others = table.read((entries) => entries.map((entry) => toLayerRecord(entry.raw, true)));
      own.push(...others.filter((layer) => !known.has(layer.id)));
    }
    return own;
  };
  const store: LayerStore = {
    list,
    get: (idOrName) => {
      const own = readLayers(context, (entries) => findLayer(entries, idOrName));
      if (own !== undefined) return toLayerRecord(own.raw, false);
      return context.additional.length === 0 ? undefined : list().find((layer) => layer.id === idOrName || layer.names.includes(idOrName));
    },
    findByDiffDigest: (diffId) => list().filter((layer) => layer.diffDigest === diffId),
    findByCompressedDigest: (digest) => list().filter((layer) => layer.compressedDigest === digest),
    bigData: (id, key) => {
      const directories = [context.directory, ...context.additional.map(({ directory }) => directory)];
      for (const directory of directories) {
        const found = readBigData(path.join(directory, id), key);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    openPartial: async (blob) => {
      const { openPartialLayer } = await import("../chunked/partial-layer.ts");
      return await openPartialLayer(context.sys, store, blob);
    },
    create: (options) => createLayer(context, options),
    // What reads and writes layers is loaded when it is needed, or every listing would load it.
    put: async (options, tar) => (await import("./put-layer.ts")).putLayer(context, options, tar),
    stage: async (options, tar) => (await import("./stage-layer.ts")).stageLayer(context, options, tar),
    putStaged(options, staged) {
      const { commitLayer }: typeof import("./put-layer.ts") = require("./put-layer.ts");
      return commitLayer(context, options, ownStaged(staged));
    },
    diff: (id, options) => diff(context, id, options),
    changes: async (id, parent) => (await import("./diff-layer.ts")).layerChanges(context, id, parent),
    mount: (id, options) => mountLayer(context, id, options ?? {}),
    unmount: (id, force) => unmountLayer(context, id, force === true),
    mountPoint: (id) => layerMountPoint(context, id),
    diffPath: (id) => context.driver.diffPath(id),
    diffSize: (id) => directorySize(context.driver.diffPath(id)),
    setNames: (id, names) =>
      writeLayers(context, (entries) => {
        const layer = requireLayer(entries, id);
        setField(layer.raw, "names", [...new Set(names)]);
        context.table.save([layer]);
      }),
    remove: (id) =>
      withBins(context, (bins) =>
        writeLayers(context, (entries) => {
          const layer = requireLayer(entries, id).raw.id;
          guard(layer);
          removeLayers(context, [layer], bins);
        }),
      ),
  };
  return store;
}

async function* diff(context: LayerContext, id: string, options: DiffOptions | undefined): ByteStream {
  const { diffLayer } = await import("./diff-layer.ts");
  yield* diffLayer(context, id, options);
}

function ownStaged(staged: StagedLayer): StagedLayerFiles {
  if (!("bin" in staged)) throw new ToolError("invalid-argument", "the layer was not staged by this store");
  return staged as StagedLayerFiles;
}
