import type { TargetReport } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import { removePods } from "../pods/remove.ts";
import type { PodReport } from "../pods/report.ts";
import { stopPods } from "../pods/stop.ts";
import { openSecretStore } from "../secrets/secret-store.ts";
import { removeVolumes } from "../volumes/remove.ts";
import { type KubeDocument, readKubeDocuments } from "./schema/documents.ts";
import { readAs } from "./schema/fields.ts";
import { claimSchema, podSchema, secretSchema, workloadSchema } from "./schema/pod-schema.ts";

export interface DownReport {
  readonly stopped: readonly PodReport[];
  readonly removed: readonly PodReport[];
  /** Ids. */
  readonly secrets: readonly string[];
  readonly volumes: readonly TargetReport[];
}

/**
 * Stops and removes what a kube file made: pods and secrets, and with `force` volumes. What is not there any more is passed over.
 * @throws ToolError when the file cannot be read
 */
export async function downKube(engine: Engine, text: string, options: { readonly force?: boolean } = {}): Promise<DownReport> {
  const names = { pods: [] as string[], volumes: [] as string[], secrets: [] as string[] };
  for (const document of readKubeDocuments(text)) collect(engine, document, names);
  const pods = names.pods.flatMap((name) => {
    const pod = engine.state.pods.resolve(name);
    return pod === undefined ? [] : [pod];
  });
  const stopped = await stopPods(engine, pods);
  const removed = await removePods(engine, pods, { force: true });
  return {
    stopped,
    removed,
    secrets: removeSecrets(engine, names.secrets),
    volumes: options.force === true ? await removeVolumes(engine, present(engine, names.volumes)) : [],
  };
}

function collect(
  { warn }: Pick<Engine, "warn">,
  document: KubeDocument,
  names: { readonly pods: string[]; readonly volumes: string[]; readonly secrets: string[] },
): void {
  switch (document.kind) {
    case "Pod": {
      const { metadata, spec } = readAs(document, podSchema, "Kube Pod");
      names.pods.push(metadata.name ?? "");
      for (const { persistentVolumeClaim, configMap, secret } of spec.volumes) {
        const volume = persistentVolumeClaim?.claimName ?? configMap?.name ?? secret?.secretName;
        if (volume !== undefined) names.volumes.push(volume);
      }
      return;
    }
    case "Deployment":
    case "DaemonSet":
    case "Job": {
      const { metadata, spec } = readAs(document, workloadSchema, `Kube ${document.kind}`);
      if (document.kind === "Deployment" && (spec.replicas ?? 1) > 1)
        warn("Limiting replica count to 1, more than one replica is not supported by Podman");
      names.pods.push(`${metadata.name ?? ""}-pod`);
      return;
    }
    case "PersistentVolumeClaim":
      names.volumes.push(readAs(document, claimSchema, "Kube PersistentVolumeClaim").metadata.name ?? "");
      return;
    case "Secret":
      names.secrets.push(readAs(document, secretSchema, "Kube Secret").metadata.name ?? "");
      return;
    default:
  }
}

function present({ state }: Pick<Engine, "state">, names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => state.volumes.get(name) !== undefined);
}

function removeSecrets({ paths, events }: Pick<Engine, "paths" | "events">, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const store = openSecretStore(paths.secretsDir);
  const known = new Set(store.list().map(({ name }) => name));
  return names
    .filter((name) => known.has(name))
    .map((name) => {
      const { id } = store.remove(name);
      events.write({ type: "secret", status: "remove", id });
      return id;
    });
}
