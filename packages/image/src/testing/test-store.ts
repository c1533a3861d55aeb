import { join } from "node:path";
import { openStore } from "@containers/storage/open-store";
import type { Store } from "@containers/storage/store";

export type TestStore = Store;

/** A store below a directory of the test's own; vfs, so that nothing is left mounted. */
export function openTestStore(directory: string): TestStore {
  return openStore({ graphRoot: join(directory, "graph"), runRoot: join(directory, "run"), driver: "vfs" });
}
