import { openStore } from "../open-store.ts";
import type { Store } from "../store.ts";
import { buildTar } from "./tar-builder.ts";
import { bytesOf } from "./temp-store.ts";

/**
 * What a second process does to a store in tests: `bun store-worker.ts GRAPHROOT RUNROOT TASK COUNT NAME`. It does its task COUNT times and
 * prints `done`.
 */
async function work(store: Store, task: string, index: string): Promise<void> {
  if (task === "put") {
    const parts = Array.from({ length: 200 }, (_, file) => ({ name: `f${file}`, content: `${index} ${file}`.repeat(500) }));
    const layer = await store.layers.put({}, bytesOf(buildTar(parts), 65_536));
    store.images.create({
      id: layer.id,
      names: [`localhost/${index}:1`],
      layer: layer.id,
      bigData: [
        {
          key: "manifest",
          data: Buffer.from('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[]}'),
        },
      ],
    });
    return;
  }
  if (task === "name") {
    const [image] = store.images.list();
    if (image !== undefined) store.images.addNames(image.id, [`localhost/${index}:1`]);
    return;
  }
  const [image] = store.images.list();
  const container = store.containers.create({ names: [index], image: image?.id, volatile: task === "volatile" });
  store.containers.mount(container.id);
  store.containers.unmount(container.id);
  if (task !== "keep") store.containers.remove(container.id);
}

const [graphRoot = "", runRoot = "", task = "", count = "1", name = ""] = process.argv.slice(2);
const store = openStore({ graphRoot, runRoot, driver: "overlay", driverOptions: [] });
for (let index = 0; index < Number(count); index++) await work(store, task, `${name}${index}`);
console.log("done");
