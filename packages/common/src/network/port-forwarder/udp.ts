import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

export interface Endpoint {
  readonly host?: string;
  readonly port: number;
}

/** How long answers to a client are waited for. */
const IDLE_MS = 60_000;

interface Client {
  readonly socket: Socket;
  timer: ReturnType<typeof setTimeout>;
}

/** Carries datagrams to the container, and its answers back: one socket per client, as a connection would be. */
export function forwardUdp(from: Endpoint, to: Endpoint): Promise<void> {
  const server = createSocket(from.host?.includes(":") === true ? "udp6" : "udp4");
  const clients = new Map<string, Client>();
  server.on("message", (data, sender) => {
    const client = clientFor(sender);
    client.timer.refresh();
    client.socket.send(data, to.port, to.host);
  });

  function clientFor(sender: RemoteInfo): Client {
    const key = `${sender.address} ${sender.port}`;
    const present = clients.get(key);
    if (present !== undefined) return present;
    const socket = createSocket(to.host?.includes(":") === true ? "udp6" : "udp4");
    const forget = () => {
      clients.delete(key);
      socket.close();
    };
    const made: Client = { socket, timer: setTimeout(forget, IDLE_MS) };
    socket.on("message", (answer) => server.send(answer, sender.port, sender.address));
    socket.on("error", () => undefined);
    clients.set(key, made);
    return made;
  }

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.bind({ port: from.port, address: from.host }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
}
