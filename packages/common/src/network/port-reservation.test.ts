import { closeSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import type { PortMapping } from "./port-mapping.ts";
import { reservePorts } from "./port-reservation.ts";

const hasVersion6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === "::1"));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const mapping = (port: number): PortMapping => ({ host_ip: "", host_port: port, container_port: 80, protocol: "tcp", range: 1 });

it("keeps a port from others", async () => {
  const port = await freePort();
  const reserved = reservePorts([mapping(port)]);
  try {
    expect(() => reservePorts([mapping(port)])).toThrow(/address already in use/);
  } finally {
    for (const fd of reserved) closeSync(fd);
  }
});

it.skipIf(!hasVersion6)("refuses at ::1, so that who says localhost goes on to 127.0.0.1 (needs IPv6)", async () => {
  const port = await freePort();
  const reserved = reservePorts([mapping(port)]);
  try {
    const code = await new Promise((resolve) => {
      const socket = connect(port, "::1");
      socket.once("connect", () => resolve("connected"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(code).toBe("ECONNREFUSED");
  } finally {
    for (const fd of reserved) closeSync(fd);
  }
});
