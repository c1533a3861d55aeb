import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { KubeContainerYaml } from "../schema/pod-schema.ts";

/** Ports that containers publish on the host; with `all` also those that name no host port. */
export function portsOfContainers(containers: ReadonlyArray<Pick<KubeContainerYaml, "ports">>, all: boolean): PortMapping[] {
  return containers.flatMap(({ ports }) =>
    ports.flatMap((port) => {
      const inside = port.containerPort || port.hostPort || 0;
      const outside = port.hostPort || (all ? inside : 0);
      if (outside === 0) return [];
      const protocol = protocolOf(port.protocol);
      return [{ host_ip: port.hostIP ?? "", container_port: inside, host_port: outside, range: 1, protocol }];
    }),
  );
}

function protocolOf(text = "tcp"): PortMapping["protocol"] {
  const lower = text.toLowerCase() || "tcp";
  if (lower === "tcp" || lower === "udp" || lower === "sctp") return lower;
  throw new ToolError("invalid-argument", `unknown network protocol ${text}`);
}

/** The ports of `--publish` and those of the file that they say nothing of. */
export function mergePorts(ofFile: readonly PortMapping[], published: readonly PortMapping[]): PortMapping[] {
  const isPublished = (port: PortMapping): boolean =>
    published.some(
      ({ container_port: first, range, protocol }) =>
        protocol === port.protocol && port.container_port >= first && port.container_port < first + range,
    );
  return [...published, ...ofFile.filter((port) => !isPublished(port))];
}
