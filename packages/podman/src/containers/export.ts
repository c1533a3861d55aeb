import type { Sys } from "@containers/common/sys/sys";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream } from "@containers/storage/store";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer } from "../locks/with-container-lock.ts";
import { containerEvent } from "./container-event.ts";

/** The container's file system, all layers together, as a tar stream. It is mounted while the stream is read. */
export async function* exportContainer(engine: Pick<Engine, "sys" | "state" | "store" | "events">, reference: string): ByteStream {
  const { config } = resolveContainer(engine, reference);
  const root = config.rootfs ?? engine.store.containers.mount(config.id);
  try {
    yield* treeToTar(engine.sys, files(engine.sys, root));
    engine.events.write(containerEvent(config, "export"));
  } finally {
    if (config.rootfs === undefined) engine.store.containers.unmount(config.id);
  }
}

function* files(sys: Sys, root: string): Generator<TarItem> {
  for (const file of walkTree(sys, root)) yield { kind: "file", file };
}
