import { defineCommand } from "@containers/common/cli/define-command";
import { migrateSystem } from "../../../system/migrate.ts";
import { engineFor } from "../container/targets.ts";

/** `podman system migrate`. */
export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "Migrate containers",
  description:
    "Migrates existing containers to a new version of podman, to new subordinate ids (their user's containers are stopped), or to another runtime.",
  examples: ["podman system migrate", "podman system migrate --new-runtime runc"],
  flags: {
    "migrate-db": { type: "bool", description: "Migrate the database to SQLite, where it is not yet" },
    "new-runtime": { type: "string", description: "Specify a new runtime for all containers" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    await migrateSystem(engineFor(invocation), { newRuntime: flags.newRuntime });
    if (flags.migrateDb) out.stdout("No migration is necessary: backing database is already SQLite\n");
    return undefined;
  },
});
