import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, posix } from "node:path";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { toHostId } from "@containers/storage/id-shift/id-mapping";
import type { SecretSpec } from "../container-spec/container-spec.ts";
import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { giveToRoot } from "../user-namespaces/host-ids.ts";
import { openSecretStore } from "./secret-store.ts";

/** The secrets that a spec names, with their ids. not-found for one that there is not. */
export function settleSecrets(engine: Pick<Engine, "paths">, secrets: readonly SecretSpec[]): SecretSpec[] {
  const store = openSecretStore(engine.paths.secretsDir);
  return secrets.map((secret) => {
    const { id, name } = store.find(secret.source);
    return { ...secret, source: name, id };
  });
}

/**
 * Keeps the data of a new container's mounted secrets beside its configuration: it has them as they were when it was made, whatever
 * becomes of the secret.
 */
export function keepSecretData(engine: Pick<Engine, "paths">, config: ContainerConfig): void {
  const store = openSecretStore(engine.paths.secretsDir);
  for (const secret of mounted(config)) {
    mkdirSync(`${config.staticDir}/secrets`, { recursive: true, mode: 0o700 });
    writeFileSync(keptFile(config, secret), store.readData(store.find(secret.id ?? secret.source)), { mode: 0o600 });
  }
}

/** Writes the secrets' files for a run and returns their mounts: one directory for those below /run/secrets, a file each for the others. */
export function secretMounts(config: ContainerConfig): SpecMount[] {
  if (mounted(config).length === 0) return [];
  const directory = `${config.runDir}/run/secrets`;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  giveToRoot(config, directory);
  const files = mounted(config).flatMap((secret) => {
    const target = secret.target ?? secret.source;
    const isElsewhere = target.startsWith("/");
    // The name inside the directory cannot lead out of it: `posix.resolve` of an absolute path has no `..`.
    const path = isElsewhere
      ? `${config.runDir}/secret-${basename(keptFile(config, secret))}`
      : `${directory}${posix.resolve("/", target)}`;
    mkdirSync(posix.dirname(path), { recursive: true, mode: 0o755 });
    rmSync(path, { force: true });
    writeFileSync(path, readFileSync(keptFile(config, secret)), { mode: 0o600 });
    chownSync(path, toHostId(secret.uid ?? 0, config.idMappings?.uidMap ?? []), toHostId(secret.gid ?? 0, config.idMappings?.gidMap ?? []));
    chmodSync(path, secret.mode ?? 0o444);
    return isElsewhere ? [bind(target, path)] : [];
  });
  return [bind("/run/secrets", directory), ...files];
}

/** Secrets as environment entries; read at each start, so that a replaced secret is seen. */
export function secretEnvironment(engine: Pick<Engine, "paths">, config: ContainerConfig): string[] {
  const asEnvironment = config.secrets.filter(({ type }) => type === "env");
  if (asEnvironment.length === 0) return [];
  const store = openSecretStore(engine.paths.secretsDir);
  return asEnvironment.map(({ source, target }) => `${target ?? source}=${store.readData(store.find(source)).toString()}`);
}

function mounted({ secrets }: ContainerConfig): readonly SecretSpec[] {
  return secrets.filter(({ type }) => type === "mount");
}

function keptFile(config: ContainerConfig, secret: SecretSpec): string {
  return `${config.staticDir}/secrets/${secret.id ?? secret.source}`;
}

function bind(destination: string, source: string): SpecMount {
  return { destination, type: "bind", source, options: ["bind", "rprivate"] };
}
