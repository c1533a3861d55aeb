import { closeSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";
import type { PortMapping } from "./port-mapping.ts";

/**
 * Binds every published port on the host, so that no other program or container can take it: descriptors to be
 * handed to the process that lives as long as the container (the monitor) and then closed here. Nothing is kept on failure.
 * Not for pasta and slirp4netns, which bind the ports themselves.
 */
export function reservePorts(ports: readonly PortMapping[], sys: Sys = linuxSys()): number[] {
  const reserved: number[] = [];
  try {
    for (const port of ports) {
      for (let offset = 0; offset < port.range; offset++) reserved.push(...reserveOne(sys, port, port.host_port + offset));
    }
    return reserved;
  } catch (error) {
    for (const fd of reserved) closeSync(fd);
    throw error;
  }
}

function reserveOne(sys: Sys, port: PortMapping, number: number): number[] {
  // An empty address means version 4 alone, as in the original: a reservation never answers, so that with version 6 too whoever says `localhost`
  // would wait at ::1 for ever instead of going on to 127.0.0.1, where netavark sends it to the container.
  const address = port.host_ip === "" ? "0.0.0.0" : port.host_ip;
  try {
    return [sys.bindPort(port.protocol, address, number)];
  } catch (error) {
    const code = errnoCode(error);
    if (code === "EAFNOSUPPORT" || code === "EPROTONOSUPPORT") return [];
    throw bindError({ ...port, host_port: number }, address, error);
  }
}

function bindError(port: PortMapping, address: string, cause: unknown): ToolError {
  const code = errnoCode(cause);
  if (code === "EADDRINUSE") return portInUseError({ ...port, host_ip: port.host_ip === "" ? address : port.host_ip });
  const where = `${address.includes(":") ? `[${address}]` : address}:${port.host_port}`;
  if (code === "EACCES") {
    return new ToolError("denied", `cannot publish ${port.protocol} port ${where}: permission denied`, {
      hint: "ports below net.ipv4.ip_unprivileged_port_start are root's; publish a higher one",
    });
  }
  return new ToolError("unavailable", `cannot publish ${port.protocol} port ${where}`, { cause });
}

/** The one line for a port that something else listens on. */
export function portInUseError(port: PortMapping, detail?: string): ToolError {
  const address = port.host_ip === "" ? "0.0.0.0" : port.host_ip;
  const where = `${address.includes(":") ? `[${address}]` : address}:${port.host_port}`;
  return new ToolError(
    "in-use",
    `cannot listen on the ${port.protocol.toUpperCase()} port: listen ${port.protocol} ${where}: bind: address already in use`,
    {
      cause: detail === undefined ? undefined : new Error(detail),
      code: "port-in-use",
      hint: `stop the program or container that uses port ${port.host_port}, or publish another`,
    },
  );
}
