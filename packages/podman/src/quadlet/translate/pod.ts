import type { UnitFile } from "../../systemd/unit-file.ts";
import type { QuadletKind } from "../kinds.ts";
import { podName } from "../unit-names.ts";
import { ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { pairFlags, repeatedFlags, valueFlags } from "./flags.ts";
import { networkFlags, volumeFlags } from "./sources.ts";
import { userNamespaceFlags } from "./users.ts";

/** The service of a pod: made before it starts, removed after it has stopped. Containers that go with it were translated before. */
export function translatePod(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const name = podName(unit);
  for (const member of context.podMembers.get(unit.name) ?? []) {
    draft.add("Unit", "Wants", member);
    draft.add("Unit", "Before", member);
  }
  draft.setDefault("SyslogIdentifier", "%N");
  draft.addCommand("ExecStart", draft.podman("pod", "start", name));
  draft.addCommand("ExecStop", draft.podman("pod", "stop", "--ignore", `--time=${draft.value("StopTimeout") ?? "10"}`, name));
  draft.addCommand("ExecStopPost", draft.podman("pod", "rm", "--ignore", "--force", name));
  draft.addCommand("ExecStartPre", createCommand(draft, name));
  draft.add("Service", "Environment", "PODMAN_SYSTEMD_UNIT=%n");
  draft.set("Type", "forking");
  draft.set("Restart", "on-failure");
  draft.set("PIDFile", "%t/%N.pid");
  return { service: draft.service };
}

function createCommand(draft: ServiceDraft, name: string): string[] {
  return [
    ...draft.podman("pod", "create", "--infra-conmon-pidfile=%t/%N.pid", "--replace"),
    "--exit-policy",
    draft.value("ExitPolicy") ?? "stop",
    ...userNamespaceFlags(draft, true),
    ...repeatedFlags(draft, [["PublishPort", "--publish"]]),
    ...pairFlags(draft, [["Label", "--label"]]),
    ...networkFlags(draft),
    ...valueFlags(draft, [
      ["IP", "--ip"],
      ["IP6", "--ip6"],
      ["ShmSize", "--shm-size"],
    ]),
    ...repeatedFlags(draft, [
      ["NetworkAlias", "--network-alias"],
      ["DNS", "--dns"],
      ["DNSOption", "--dns-option"],
      ["DNSSearch", "--dns-search"],
      ["AddHost", "--add-host"],
      ["HostName", "--hostname"],
    ]),
    ...volumeFlags(draft),
    "--infra-name",
    `${name}-infra`,
    "--name",
    name,
    ...draft.words("PodmanArgs"),
  ];
}
