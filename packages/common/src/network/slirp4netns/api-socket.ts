import { ToolError } from "../../errors/tool-error.ts";
import { SHUT_WR, SOCK_STREAM } from "../../sys/constants.ts";
import type { Sys } from "../../sys/sys.ts";
import type { PortMapping } from "../port-mapping.ts";
import { portInUseError } from "../port-reservation.ts";

/** Asks a running slirp4netns to forward every port of the mappings to the guest. One request per connection, as it wants. */
export function forwardPorts(sys: Sys, apiSocket: string, guest: string, ports: readonly PortMapping[]): void {
  for (const port of ports) {
    if (port.protocol === "sctp") throw new ToolError("unsupported", "can't forward protocol: sctp");
    if (port.host_ip.includes(":")) throw new ToolError("unsupported", `slirp4netns cannot publish on the IPv6 address ${port.host_ip}`);
    for (let offset = 0; offset < port.range; offset++) {
      const answer = request(sys, apiSocket, {
        execute: "add_hostfwd",
        arguments: {
          proto: port.protocol,
          host_addr: port.host_ip === "" ? "0.0.0.0" : port.host_ip,
          host_port: port.host_port + offset,
          guest_addr: guest,
          guest_port: port.container_port + offset,
        },
      });
      if (/"error"/.test(answer)) throw portInUseError({ ...port, host_port: port.host_port + offset }, `slirp4netns: ${answer.trim()}`);
    }
  }
}

function request(sys: Sys, path: string, body: object): string {
  const fd = sys.unixSocket(SOCK_STREAM);
  try {
    sys.connect(fd, path);
    const bytes = Buffer.from(JSON.stringify(body));
    sys.send(fd, bytes, 0, bytes.length, 0);
    sys.shutdown(fd, SHUT_WR);
    const answer = Buffer.alloc(4096);
    const length = sys.recv(fd, answer, 0, answer.length, 0);
    return answer.toString("utf8", 0, Math.max(0, length));
  } finally {
    sys.close(fd);
  }
}
