import { treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import type { ByteStream } from "@containers/storage/store";
import { unpackArchive } from "../containers/copy/tar-files.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveVolume } from "./inspect.ts";
import { mountVolume, unmountVolume } from "./mount.ts";

type Ports = Pick<Engine, "state" | "store" | "locks" | "sys" | "config">;

/** A volume's files as a tar stream; it is mounted meanwhile. */
export async function* exportVolume(engine: Ports, reference: string): ByteStream {
  const { name } = resolveVolume(engine, reference, { exitCode: 125 });
  const path = await mountVolume(engine, name);
  try {
    yield* treeToTar(
      engine.sys,
      (function* () {
        for (const file of walkTree(engine.sys, path)) yield { kind: "file", file } as const;
      })(),
    );
  } finally {
    await unmountVolume(engine, name);
  }
}

/** Unpacks a tar, compressed or not, into a volume; what has the same name there is replaced. */
export async function importVolume(engine: Ports, reference: string, archive: ByteStream): Promise<void> {
  const { name } = resolveVolume(engine, reference, { exitCode: 125 });
  const path = await mountVolume(engine, name);
  try {
    await unpackArchive(engine.sys, archive, path);
  } finally {
    await unmountVolume(engine, name);
  }
}
