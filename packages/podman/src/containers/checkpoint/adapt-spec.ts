import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RuntimeSpec, SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { DumpedSpec } from "./dumped-config.ts";

/**
 * The spec with which an imported container is restored: criu needs the mounts, namespaces and hidden paths that were there when it was
 * checkpointed, and this machine says what is behind them.
 */
export function adaptSpec(built: RuntimeSpec, dumped: DumpedSpec): RuntimeSpec {
  const paths = new Map(built.linux.namespaces.map(({ type, path }) => [type as string, path]));
  const namespaces = dumped.linux.namespaces.map(({ type }) => {
    const path = paths.get(type);
    return { type, ...(path === undefined ? {} : { path }) } as RuntimeSpec["linux"]["namespaces"][number];
  });
  return {
    ...built,
    mounts: dumped.mounts.map((mount) => localMount(mount, built.mounts)),
    linux: {
      ...built.linux,
      namespaces,
      maskedPaths: dumped.linux.maskedPaths ?? [],
      readonlyPaths: dumped.linux.readonlyPaths ?? [],
    },
  };
}

function localMount(mount: DumpedSpec["mounts"][number], built: readonly SpecMount[]): SpecMount {
  const { destination, type, source } = mount;
  const options = mount.options ?? [];
  const isBind = type === "bind" || options.includes("bind") || options.includes("rbind");
  if (!isBind) return { destination, type, source, options };
  const own = built.find((one) => one.destination.replace(/^\/var\/run\//, "/run/") === destination.replace(/^\/var\/run\//, "/run/"));
  if (own !== undefined && own.type === "bind") return { destination, type, source: own.source, options };
  if (!existsSync(source))
    throw new ToolError(
      "not-found",
      `the container was checkpointed with ${source} mounted at ${destination}, which is not on this machine`,
    );
  return { destination, type, source, options };
}
