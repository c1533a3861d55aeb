import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";

/** Where compose is looked for when containers.conf names nothing: Docker's plugin, then programs of the PATH. */
const USUAL_PROVIDERS: readonly string[] = [
  "$HOME/.docker/cli-plugins/docker-compose",
  "/usr/local/lib/docker/cli-plugins/docker-compose",
  "/usr/local/libexec/docker/cli-plugins/docker-compose",
  "/usr/lib/docker/cli-plugins/docker-compose",
  "/usr/libexec/docker/cli-plugins/docker-compose",
  "docker-compose",
  "podman-compose",
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The program that understands compose files: `PODMAN_COMPOSE_PROVIDER`, else the first one there is of `compose_providers`.
 *
 * @throws unavailable
 */
export function findComposeProvider(configured: readonly string[], env: Environment = process.env): string {
  const chosen = env["PODMAN_COMPOSE_PROVIDER"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const candidates = (configured.length > 0 ? configured : USUAL_PROVIDERS).map((candidate) =>
    candidate.replace(/\$\{?(\w+)\}?/g, (_, name: string) => env[name] ?? ""),
  );
  for (const candidate of candidates) {
    const path = findExecutable(candidate);
    if (path !== undefined) return path;
  }
  throw new ToolError("unavailable", `looking up compose provider failed: none of ${candidates.join(", ")} is there`, {
    hint: "install docker-compose or podman-compose",
  });
}

/**
 * Whether to say that another program does the work.
 *
 * @throws invalid-argument for a `PODMAN_COMPOSE_WARNING_LOGS` that is no boolean
 */
export function saysWhoComposes(configured: boolean, env: Environment = process.env): boolean {
  const text = env["PODMAN_COMPOSE_WARNING_LOGS"];
  if (text === undefined || text === "") return configured;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new ToolError("invalid-argument", `PODMAN_COMPOSE_WARNING_LOGS should be a boolean: ${JSON.stringify(text)}`);
}
