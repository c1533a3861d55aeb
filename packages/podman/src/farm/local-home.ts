import { addToList } from "@containers/image/manifest-lists/add";
import { createList } from "@containers/image/manifest-lists/create";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { pushList } from "@containers/image/manifest-lists/push";
import { removeFromList } from "@containers/image/manifest-lists/remove";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { Engine } from "../engine/engine.ts";
import type { Home } from "./build.ts";

/** The manifest list in this machine's store. */
export function localHome(engine: Engine, registry: RegistryAccess): Home {
  const images = { ...engine.images, registry };
  return {
    async openList(name) {
      const id = await createList(images, name, [], { amend: true });
      for (const { digest } of requireList(images, name).content.entries) await removeFromList(images, id, digest);
    },
    async addToList(name, members) {
      const { id } = requireList(images, name);
      for (const member of members) await addToList(images, id, member);
      return id;
    },
    async pushList(name) {
      await pushList(images, name, name, { all: false });
    },
  };
}
