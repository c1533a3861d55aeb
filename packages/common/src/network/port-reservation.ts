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
  // An empty address means both families; a host without version 6 has only one.
  const addresses = port.host_ip === "" ? ["0.0.0.0", "::"] : [port.host_ip];
  return addresses.flatMap((address) => {
    try {
      return [sys.bindPort(port.protocol, address, number)];
    } catch (error) {
      const code = errnoCode(error);
      if (code === "EAFNOSUPPORT" || code === "EPROTONOSUPPORT") return [];
      if (port.host_ip === "" && address === "::" && code === "EADDRNOTAVAIL") return [];
      throw bindError({ ...port, host_port: number }, address, error);
    }
  });
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
