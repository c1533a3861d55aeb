import { writeSync } from "node:fs";
import { describeError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import { type Address, type Listener, listen } from "./http/listener.ts";
import { idleTimeout } from "./idle-timeout.ts";
import { notifyReady } from "./notify-ready.ts";
import { reapMonitors } from "./reap-monitors.ts";
import { apiService } from "./server.ts";
import { claimAddress, readTls, type ServiceAddressOptions } from "./service-address.ts";

export interface RunServiceOptions extends ServiceAddressOptions {
  /** Access-Control-Allow-Origin; empty for none. */
  readonly cors: string;
  /** Seconds without a request until it ends; 0: never. */
  readonly idleSeconds: number;
}

/** Serves the API until it was idle for long enough, or SIGTERM or SIGINT asks it to end. */
export async function runService(engine: Engine, options: RunServiceOptions): Promise<void> {
  const tls = readTls(options.tls);
  const address = claimAddress(engine, { uri: options.uri, hasTls: tls !== undefined });
  closeStandardInput(engine);
  if (options.cors !== "") engine.debug(() => `CORS Headers were set to ${JSON.stringify(options.cors)}`);
  const over = Promise.withResolvers<void>();
  const idle = idleTimeout(options.idleSeconds * 1000, over.resolve);
  const logs = ["info", "debug", "trace"].includes(engine.globals.logLevel ?? "");
  const report = (message: string): void => void (logs && writeSync(2, `INFO[0000] ${message}\n`));
  // A socket file is for its owner alone from the moment it exists; containers are made with the usual mask.
  const before = engine.sys.umask(0o177);
  let listener: Listener;
  try {
    listener = listen({
      address,
      ...(tls === undefined ? {} : { tls }),
      serve: apiService(engine, { cors: options.cors, endpoint: endpointOf(address), report }),
      onActivity: idle.activity,
      report: (error) => report(`connection failed: ${describeError(error)}`),
    });
  } finally {
    engine.sys.umask(before);
  }
  engine.sys.umask(0o022);
  notifyReady(engine.sys);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => over.resolve());
  // A client that closes its connection in the middle of an answer is no reason to end.
  process.on("SIGCHLD", () => reapMonitors(engine.sys));
  process.on("SIGPIPE", () => undefined);
  await over.promise;
  idle.cancel();
  listener.stop(true);
}

function endpointOf(address: Address): string | undefined {
  if (address.kind === "fd") return undefined;
  return address.kind === "unix" ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
}

/** Nobody is there to be asked: a short name with several candidates is an error instead. */
function closeStandardInput({ sys }: Pick<Engine, "sys">): void {
  const fd = sys.openat2(-100, "/dev/null", 0, 0, 0);
  sys.dup2(fd, 0);
  sys.close(fd);
}
