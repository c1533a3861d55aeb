import { writeSync } from "node:fs";
import type { BuildPorts } from "@containers/buildah/index";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { Engine } from "../engine/engine.ts";

type Ports = Pick<Engine, "sys" | "userMode" | "warn" | "network" | "config" | "globals">;

/** What buildah's build works with: the engine's store, registries and networks. Without `stdout` and `stderr` everything goes to standard error. */
export function buildPorts(
  engine: Ports,
  images: LocalImages,
  options: {
    readonly quiet: boolean;
    readonly signal?: AbortSignal;
    stdout?(text: string | Uint8Array): void;
    stderr?(text: string | Uint8Array): void;
  },
): BuildPorts {
  const toStandardError = (text: string | Uint8Array): void => void writeSync(2, typeof text === "string" ? Buffer.from(text) : text);
  const stderr = options.stderr ?? toStandardError;
  const { runtimes, runtimesFlags } = engine.config.engine;
  const runtime = engine.globals.runtime || engine.config.engine.runtime;
  return {
    sys: engine.sys,
    images: {
      store: images.store,
      registry: images.registry,
      ...(images.decryptionKeys === undefined ? {} : { decryptionKeys: images.decryptionKeys }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.quiet
        ? {}
        : {
            progress: async () => (await import("@containers/image/copy/progress")).progressFor(2),
            report: (line: string) => stderr(`${line}\n`),
          }),
    },
    network: {
      userMode: engine.userMode,
      warn: (message) => engine.warn(message),
      openBackend: async () => ({ backend: engine.network, defaultNetwork: engine.config.network.defaultNetwork }),
    },
    runtimePaths: runtimes,
    runtimeFlags: [...(runtimesFlags[runtime] ?? []), ...(engine.globals.runtimeFlag ?? [])],
    ...(engine.globals.defaultMountsFile === undefined ? {} : { defaultMountsFile: engine.globals.defaultMountsFile }),
    defaultUlimits: engine.config.containers.defaultUlimits,
    ...(runtime === "" ? {} : { defaultRuntime: runtime }),
    stdout: options.stdout ?? toStandardError,
    stderr,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}
