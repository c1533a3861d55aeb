import { ToolError } from "@containers/common/errors/tool-error";
import { removeContainers } from "../../containers/removal/remove.ts";
import type { Engine } from "../../engine/engine.ts";
import { createNetwork } from "../../networks/create.ts";
import { type KubeDocument, readKubeDocuments } from "../schema/documents.ts";
import { readAs } from "../schema/fields.ts";
import { type ConfigMap, claimSchema, configMapSchema, podSchema, workloadSchema } from "../schema/pod-schema.ts";
import { playClaim } from "./claim.ts";
import type { PlayedPod, PlayKubeOptions, PlayReport } from "./options.ts";
import { KUBE_NETWORK, type PodRequest, playPod } from "./play-pod.ts";
import { playSecret } from "./secrets.ts";
import { createServiceContainer } from "./service-container.ts";

/**
 * Makes and starts what a kube file describes: secrets, volumes and config maps first, then pods, deployments, daemon sets and jobs. `text` is
 * the YAML, of any number of documents. Kinds that podman does not know are passed over.
 *
 * @throws ToolError when the file cannot be read or something cannot be made; what was made until then stays
 */
export async function playKube(engine: Engine, text: string, options: PlayKubeOptions = {}): Promise<PlayReport> {
  if (options.service !== undefined && options.start === false)
    throw new ToolError("invalid-argument", "running a service container requires starting the pod(s)");
  if (options.network === undefined) createNetwork(engine, { name: KUBE_NETWORK, dns_enabled: true }, true);
  const documents = readKubeDocuments(text);
  const hasPods = documents.some(({ kind }) => kind === "Pod" || kind === "Deployment");
  const service =
    options.service === undefined || !hasPods
      ? undefined
      : await createServiceContainer(engine, { text, replace: options.replace === true, exitCode: options.service });
  try {
    const report = await playDocuments(engine, documents, { options, service });
    return service === undefined ? report : { ...report, ...(await endService(engine, service, report)) };
  } catch (error) {
    // While a pod stands on it, it goes with that.
    const isUsed = service !== undefined && engine.state.pods.list().some(({ serviceContainerId }) => serviceContainerId === service);
    if (service !== undefined && !isUsed) await removeContainers(engine, [service], { force: true, ignore: true, timeout: 0 });
    throw error;
  }
}

/** A service without a single container that runs has nothing to wait for. */
async function endService(engine: Engine, id: string, report: PlayReport): Promise<Pick<PlayReport, "serviceContainerId">> {
  const runs = report.pods.some(({ containers, initContainers, containerErrors }) => {
    const count = containers.length + initContainers.length;
    return count === 0 || containerErrors.length < count;
  });
  if (runs) return { serviceContainerId: id };
  const { stopContainers } = await import("../../containers/lifecycle/stop.ts");
  const [stopped] = await stopContainers(engine, [id], { timeout: 0 });
  if (stopped?.error !== undefined) engine.warn(`Failed to stop service container: ${stopped.error.message}`);
  return {};
}

interface Playing {
  readonly options: PlayKubeOptions;
  readonly service: string | undefined;
}

async function playDocuments(engine: Engine, documents: readonly KubeDocument[], { options, service }: Playing): Promise<PlayReport> {
  const configMaps: ConfigMap[] = [];
  const pods: PlayedPod[] = [];
  const volumes: string[] = [];
  const secrets: string[] = [];
  for (const document of documents) {
    switch (document.kind) {
      case "Pod":
      case "Deployment":
      case "DaemonSet":
      case "Job":
        pods.push(await playWorkload(engine, document, { configMaps, index: pods.length, service, options }));
        break;
      case "PersistentVolumeClaim": {
        const { metadata } = readAs(document, claimSchema, "Kube PersistentVolumeClaim");
        volumes.push(await playClaim(engine, { ...metadata, annotations: { ...metadata.annotations, ...options.annotations } }));
        break;
      }
      case "ConfigMap":
        configMaps.push(readAs(document, configMapSchema, "Kube ConfigMap"));
        break;
      case "Secret":
        secrets.push(playSecret(engine, document));
        break;
      default:
    }
  }
  if (pods.length + volumes.length + secrets.length === 0) {
    throw new ToolError(
      "invalid-argument",
      configMaps.length > 0
        ? "ConfigMaps in podman are not a standalone object and must be used in a container"
        : "YAML document does not contain any supported kube kind",
    );
  }
  return { pods, volumes, secrets };
}

type Request = Playing & Pick<PodRequest, "configMaps" | "index">;

async function playWorkload(engine: Engine, document: KubeDocument, request: Request): Promise<PlayedPod> {
  const { options, service } = request;
  const common = { ...request, ...(service === undefined ? {} : { serviceContainerId: service }) };
  if (document.kind === "Pod") {
    const template = readAs(document, podSchema, "Kube Pod");
    const annotations = { ...template.metadata.annotations, ...options.annotations };
    const { validateAnnotations } = await import("./validate-annotations.ts");
    validateAnnotations(annotations);
    return playPod(engine, { ...common, name: template.metadata.name ?? "", template, annotations }, options);
  }
  const { metadata, spec } = readAs(document, workloadSchema, `Kube ${document.kind}`);
  if (!metadata.name) throw new ToolError("invalid-argument", `${lowerFirst(document.kind)} does not have a name`);
  if (document.kind === "Deployment" && (spec.replicas ?? 1) > 1)
    engine.warn("Limiting replica count to 1, more than one replica is not supported by Podman");
  const name = `${metadata.name}-pod`;
  try {
    return await playPod(engine, { ...common, name, template: spec.template, annotations: metadata.annotations }, options);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { kind, code, hint, exitCode } = error;
    throw new ToolError(kind, `encountered while bringing up pod ${name}: ${error.message}`, { code, hint, exitCode, cause: error });
  }
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
