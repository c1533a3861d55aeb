import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { DownReport } from "../../kube/down.ts";
import type { PlayReport } from "../../kube/play/options.ts";
import { registryAuthHeader } from "../registry-headers.ts";
import { type Query, readJson, type Service } from "../service.ts";
import { record, records, text, texts, type Wire } from "../wire.ts";

/** The Kubernetes file that makes the named containers, pods and volumes. */
export async function generateKube(
  service: Service,
  names: readonly string[],
  options: { readonly type: string; readonly service: boolean; readonly replicas: number; readonly podmanOnly: boolean },
): Promise<string> {
  return (await service.request("GET", "/generate/kube", { query: { names, ...options } })).text(64 << 20);
}

/** Makes what a Kubernetes file describes. Only what the query says is asked for besides. */
export async function playKube(
  service: Service,
  file: string,
  options: { readonly query: Query; readonly access: RegistryAccess },
): Promise<PlayReport> {
  const response = await service.request("POST", "/play/kube", {
    query: { ...options.query, tlsVerify: options.access.tlsVerify },
    body: Buffer.from(file),
    headers: { "content-type": "text/plain", ...registryAuthHeader(options.access) },
  });
  const report = record(await readJson(response));
  const serviceContainerId = text(report["ServiceContainerID"]);
  return {
    pods: records(report["Pods"]).map((pod) => ({
      id: text(pod["ID"]),
      containers: texts(pod["Containers"]),
      initContainers: texts(pod["InitContainers"]),
      containerErrors: texts(pod["ContainerErrors"]),
    })),
    volumes: records(report["Volumes"]).map((volume) => text(volume["Name"])),
    secrets: records(report["Secrets"]).map((secret) => text(record(secret["CreateReport"])["ID"])),
    ...(serviceContainerId === "" ? {} : { serviceContainerId }),
  };
}

/** Stops and removes what a Kubernetes file made. */
export async function downKube(service: Service, file: string, force: boolean): Promise<DownReport> {
  const response = await service.request("DELETE", "/play/kube", { query: { force }, body: Buffer.from(file) });
  const report = record(await readJson(response));
  const pods = (key: string): DownReport["stopped"] =>
    records(report[key]).map((pod) => ({ pod: { id: text(pod["Id"]), name: text(pod["Id"]) }, errors: errorsOf(pod) }));
  return {
    stopped: pods("StopReport"),
    removed: pods("RmReport"),
    secrets: records(report["SecretRmReport"]).map((secret) => text(secret["ID"])),
    volumes: records(report["VolumeRmReport"]).map((volume) => {
      const [error] = errorsOf(volume);
      return { reference: text(volume["Id"]), ...(error === undefined ? {} : { error }) };
    }),
  };
}

/** Lets the service hand a Kubernetes file on to a cluster. The paths are those of the service's machine. */
export async function applyKube(
  service: Service,
  file: string,
  cluster: { readonly kubeconfig: string; readonly namespace?: string | undefined; readonly caCertFile?: string | undefined },
): Promise<void> {
  const query = { kubeconfig: cluster.kubeconfig, namespace: cluster.namespace, caCertFile: cluster.caCertFile };
  await (await service.request("POST", "/kube/apply", { query, body: Buffer.from(file) })).discard();
}

function errorsOf(report: Wire): Error[] {
  const failures = [...texts(report["Errs"]), text(report["Err"])].filter((failure) => failure !== "");
  return failures.map((failure) => new ToolError("internal", failure));
}
