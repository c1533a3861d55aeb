import { ToolError } from "@containers/common/errors/tool-error";
import { compileTemplate } from "@containers/common/report/template/compile";
import type { Engine } from "../../engine/engine.ts";
import { describeContainer } from "../inspect/inspect-container.ts";

/** `--log-opt tag=…` of a container with its template filled in by what `podman inspect` shows. @throws internal for a wrong template */
export function fillLogTag(engine: Engine, id: string, tag: string): string {
  const container = engine.state.containers.get(id);
  if (container === undefined) return tag;
  const options = {
    name: "container",
    typeName: "*define.InspectContainerData",
    mapFields: new Set(["Labels", "Annotations"]),
    fieldAliases: { ID: "Id" },
  };
  try {
    return compileTemplate(tag, options)(describeContainer(engine, container));
  } catch (error) {
    throw new ToolError("internal", error instanceof Error ? error.message : String(error), { exitCode: 126 });
  }
}
