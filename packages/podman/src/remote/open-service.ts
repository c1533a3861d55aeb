import type { Invocation } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { connectService } from "./connect.ts";
import type { Service } from "./service.ts";
import { resolveTarget } from "./target.ts";
import type { RemoteGlobals } from "./wants-remote.ts";

/** The service that the command line, the environment or the configuration names. @throws ToolError unavailable when it does not answer */
export function openService<V>(invocation: Pick<Invocation<V>, "globals" | "out">): Promise<Service> {
  const target = resolveTarget(loadContainersConf(), invocation.globals as RemoteGlobals);
  return connectService(target, (line) => invocation.out.stderr(`${line}\n`));
}
