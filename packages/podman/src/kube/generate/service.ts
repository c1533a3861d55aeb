import { ToolError } from "@containers/common/errors/tool-error";
import type { KubeObject, KubePod, KubePort } from "./kube-objects.ts";

/** Node ports that kubernetes hands out by default. */
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

/** A Service that publishes a pod's ports on the nodes: `ports`, or those of its containers. `random` gives numbers from 0 to 1. */
export function serviceOf({ metadata, spec }: KubePod, ports: readonly KubePort[], random: () => number = Math.random): KubeObject {
  const published = ports.length > 0 ? ports : spec.containers.flatMap((container) => container.ports ?? []);
  const taken = new Set<number>();
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, annotations: undefined },
    spec: {
      ports: published.length === 0 ? undefined : published.map((port) => servicePort(port, freeNodePort(taken, random))),
      selector: { app: metadata.labels?.["app"] },
      type: "NodePort",
    },
  };
}

function servicePort({ containerPort, protocol }: KubePort, nodePort: number): KubeObject {
  return { name: String(containerPort), nodePort, port: containerPort, protocol, targetPort: containerPort };
}

function freeNodePort(taken: Set<number>, random: () => number): number {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_NODE_PORT + Math.floor(random() * (LAST_NODE_PORT - FIRST_NODE_PORT + 1));
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
  throw new ToolError("unavailable", "too many attempts trying to generate a unique NodePort number");
}
