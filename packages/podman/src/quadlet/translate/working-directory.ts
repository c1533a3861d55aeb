import { dirname, isAbsolute } from "node:path";
import { givenValue } from "../../systemd/unit-values.ts";
import { invalid, type ServiceDraft } from "./draft.ts";

/** Where the thing that is built comes from: a web address or a repository, not a path. */
export function isUrl(text: string): boolean {
  return /^((https?)|(git):\/\/)|(github\.com\/).+$/.test(text);
}

/** Follows SetWorkingDirectory=: sets the service's directory, unless it has one; returns the context of a build, where the key names one. */
export function setWorkingDirectory(draft: ServiceDraft): string | undefined {
  const value = draft.given("SetWorkingDirectory");
  if (value === undefined) return undefined;
  const { relativeTo, context } = interpret(draft, value);
  if (relativeTo === undefined || (context !== undefined && isUrl(context))) return context;
  if (givenValue(draft.unit, "Service", "WorkingDirectory") !== undefined) return undefined;
  draft.add("Service", "WorkingDirectory", dirname(draft.path(relativeTo)));
  return context;
}

function interpret(draft: ServiceDraft, value: string): { readonly relativeTo?: string | undefined; readonly context?: string } {
  switch (value.toLowerCase()) {
    case "yaml": {
      if (draft.section !== "Kube") throw invalid(`SetWorkingDirectory=${value} is only supported in .kube files`);
      const [yaml, ...more] = draft.list("Yaml");
      if (yaml === undefined) throw invalid("no Yaml key specified");
      if (more.length > 0) throw invalid("SetWorkingDirectory=yaml is only supported when a single Yaml key is provided");
      return { relativeTo: yaml };
    }
    case "file": {
      if (draft.section !== "Build") throw invalid(`SetWorkingDirectory=${value} is only supported in .build files`);
      const file = draft.value("File");
      if (file === undefined) throw invalid("no File key specified");
      return { relativeTo: file };
    }
    case "unit":
      return { relativeTo: draft.unit.path };
    default:
      if (draft.section !== "Build") throw invalid(`unsupported value for WorkingDirectory: ${value} `);
      return { context: value, ...(isAbsolute(value) ? {} : { relativeTo: draft.unit.path }) };
  }
}
