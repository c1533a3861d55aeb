import type { UnitFile } from "../../systemd/unit-file.ts";
import type { QuadletKind } from "../kinds.ts";
import { logFlags, settleKillMode } from "./container.ts";
import { invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { repeatedFlags } from "./flags.ts";
import { networkFlags } from "./sources.ts";
import { userNamespaceFlags } from "./users.ts";
import { setWorkingDirectory } from "./working-directory.ts";

/** The service that plays Kubernetes files. */
export function translateKube(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const files = draft.list("Yaml").map((file) => draft.path(file));
  if (files.length === 0) throw invalid("no Yaml key specified");
  settleKillMode(draft);
  draft.add("Service", "Environment", "PODMAN_SYSTEMD_UNIT=%n");
  settleType(draft);
  const exitCodes = draft.given("ExitCodePropagation");
  const play = [
    ...draft.podman("kube", "play", "--replace", "--service-container=true"),
    ...(exitCodes === undefined ? [] : [`--service-exit-code-propagation=${exitCodes}`]),
    ...logFlags(draft),
    ...userNamespaceFlags(draft, false),
    ...networkFlags(draft),
    ...draft.list("AutoUpdate").map(updateAnnotation),
    ...draft.list("ConfigMap").flatMap((file) => ["--configmap", draft.path(file)]),
    ...repeatedFlags(draft, [["PublishPort", "--publish"]]),
    ...draft.words("PodmanArgs"),
    ...files,
  ];
  draft.addCommand("ExecStart", play);
  const force = draft.flag("KubeDownForce");
  const down = [...draft.podman("kube", "down"), ...(force === undefined ? [] : [force ? "--force" : "--force=false"]), ...files];
  draft.addCommand("ExecStopPost", down);
  setWorkingDirectory(draft);
  return { service: draft.service };
}

/** A file that makes no containers may be played once. */
function settleType(draft: ServiceDraft): void {
  const type = draft.serviceValue("Type");
  if (type !== undefined && type !== "notify" && type !== "oneshot") throw invalid(`invalid service Type '${type}'`);
  if (type !== "oneshot") {
    draft.set("Type", "notify");
    draft.set("NotifyAccess", "all");
  }
  draft.setDefault("SyslogIdentifier", "%N");
}

/** `registry` for every container, `web/registry` for one. */
function updateAnnotation(value: string): string {
  const slash = value.indexOf("/");
  return slash < 0
    ? `--annotation=io.containers.autoupdate=${value}`
    : `--annotation=io.containers.autoupdate/${value.slice(0, slash)}=${value.slice(slash + 1)}`;
}
