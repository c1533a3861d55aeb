import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../container-spec/container-spec.ts";
import type { Engine } from "../engine/engine.ts";
import { createPod } from "./create.ts";
import type { PodRecord } from "./pod-record.ts";
import { DEFAULT_SHARE } from "./pod-spec.ts";

/** `--pod new:NAME`: makes the pod, which gets the container's ports, networks, hosts and host name; the container keeps the rest. */
export async function createPodFor(
  engine: Engine,
  spec: ContainerSpec,
  name: string,
): Promise<{ readonly pod: PodRecord; readonly spec: ContainerSpec }> {
  if (name === "") throw new ToolError("invalid-argument", "new pod name must be at least one character");
  const { network, hostname, namespaces, ...rest } = spec;
  const pod = await createPod(engine, {
    name,
    createCommand: spec.createCommand,
    hostname,
    restart: spec.restart,
    infra: { share: DEFAULT_SHARE, network },
  });
  const { dns, dnsSearch, dnsOptions, noHosts, noHostname } = network;
  return { pod, spec: { ...rest, namespaces, network: { dns, dnsSearch, dnsOptions, noHosts, noHostname } } };
}
