import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemProgram } from "./binaries.ts";
import { spawnCommand } from "./run-command.ts";

/** Debian's docker-registry on a free loopback port, plain http, with deletion allowed. */
export interface RegistryServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  readonly port: number;
  readonly directory: string;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<RegistryServer> {
  const program = systemProgram("docker-registry");
  if (program === undefined) throw new Error("docker-registry is missing; install the package docker-registry");
  const directory = mkdtempSync(join(tmpdir(), "e2e-registry-"));
  const port = await freePort();
  mkdirSync(join(directory, "data"));
  const configuration = join(directory, "config.yml");
  writeFileSync(
    configuration,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: ${join(directory, "data")}}\n  delete: {enabled: true}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
  );
  const server = spawnCommand(program, ["serve", configuration], { timeout: 1_800_000 });
  const address = `127.0.0.1:${port}`;
  await waitUntilServing(`http://${address}/v2/`);
  return {
    address,
    port,
    directory,
    async stop() {
      server.kill("SIGKILL");
      await server;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A loopback port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

async function waitUntilServing(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    await Bun.sleep(50);
  }
  throw new Error(`no registry answered at ${url} within 5 s`);
}
