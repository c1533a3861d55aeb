import { createHash } from "node:crypto";
import type { ServiceExitCode } from "../../container-spec/container-spec.ts";
import { createContainer } from "../../containers/creation/create.ts";
import { removeContainers } from "../../containers/removal/remove.ts";
import type { Engine } from "../../engine/engine.ts";
import { pauseProgram } from "../../pods/infra-container.ts";

/** Makes the container that stands for all pods of a kube file: its name comes from the file's text. Returns the id. */
export async function createServiceContainer(
  engine: Engine,
  { text, replace, exitCode }: { readonly text: string; readonly replace: boolean; readonly exitCode: ServiceExitCode },
): Promise<string> {
  const name = `${createHash("sha256").update(text).digest("hex").slice(0, 12)}-service`;
  if (replace) await removeContainers(engine, [name], { force: true, ignore: true });
  const { config } = await createContainer(engine, {
    name,
    service: exitCode,
    infra: { program: pauseProgram(engine) },
    entrypoint: ["/catatonit", "-P"],
    readOnly: true,
    readOnlyTmpfs: false,
    network: { mode: { kind: "none" } },
    namespaces: {},
    security: {},
    resources: {},
    sdnotify: "ignore",
    systemd: "false",
    httpProxy: false,
  });
  return config.id;
}
