import type { UnitFile } from "../../systemd/unit-file.ts";
import { lastArguments } from "../../systemd/unit-values.ts";
import type { QuadletKind } from "../kinds.ts";
import { containerName } from "../unit-names.ts";
import { invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { booleanFlags, pairFlags, repeatedFlags, valueFlags, wordFlags } from "./flags.ts";
import { securityFlags } from "./security.ts";
import { imageSource, mountValue, networkFlags, volumeFlags } from "./sources.ts";
import { userFlags, userNamespaceFlags } from "./users.ts";

/** The service that runs a container: `podman run`, removed when it ends. */
export function translateContainer(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const contained = containedProgram(draft);
  const name = containerName(unit);
  draft.add("Service", "Environment", "PODMAN_SYSTEMD_UNIT=%n");
  settleKillMode(draft);
  const remove = draft.podman("rm", "-v", "-f", "-i", name);
  draft.addCommand("ExecStop", remove);
  // Where the monitor itself was killed, only this one runs.
  draft.addCommand("ExecStopPost", [`-${remove[0]}`, ...remove.slice(1)]);
  addReload(draft, name);
  const run = [
    ...draft.podman("run", "--name", name, "--replace", "--rm"),
    ...logFlags(draft),
    ...cgroupFlags(draft),
    ...plainFlags(draft),
    ...networkFlags(draft),
    ...notifyFlags(draft),
    ...securityFlags(draft),
    ...readOnlyFlags(draft),
    ...userFlags(draft),
    ...userNamespaceFlags(draft, true),
    ...volumeFlags(draft),
    ...metadataFlags(draft),
    ...draft.words("Mount").flatMap((mount) => ["--mount", mountValue(draft, mount)]),
    ...healthFlags(draft),
    ...podFlags(draft),
    ...draft.words("PodmanArgs"),
    ...contained,
    ...lastArguments(unit, ["Container", "Exec"], context.warn),
  ];
  draft.addCommand("ExecStart", run);
  return { service: draft.service };
}

function containedProgram(draft: ServiceDraft): string[] {
  const [image, rootfs] = [draft.given("Image"), draft.given("Rootfs")];
  if (image !== undefined && rootfs !== undefined) throw invalid("the Image And Rootfs keys conflict can not be specified together");
  if (image !== undefined) return [imageSource(draft, image)];
  if (rootfs !== undefined) return ["--rootfs", rootfs];
  throw invalid("no Image or Rootfs key specified");
}

/** Only these two leave the monitor its time to tell how the container ended. */
export function settleKillMode(draft: ServiceDraft): void {
  const mode = draft.serviceValue("KillMode");
  if (mode !== undefined && mode !== "mixed" && mode !== "control-group") throw invalid(`invalid KillMode '${mode}'`);
  draft.setDefault("KillMode", "mixed");
}

function addReload(draft: ServiceDraft, name: string): void {
  const command = lastArguments(draft.unit, ["Container", "ReloadCmd"], draft.context.warn);
  const signal = draft.given("ReloadSignal");
  if (command.length > 0 && signal !== undefined) throw invalid("ReloadCmd and ReloadSignal are mutually exclusive but both are set");
  if (command.length > 0) draft.addCommand("ExecReload", draft.podman("exec", name, ...command));
  else if (signal !== undefined) draft.addCommand("ExecReload", draft.podman("kill", "--signal", signal, name));
}

export function logFlags(draft: ServiceDraft): string[] {
  const driver = draft.value("LogDriver");
  return [...(driver === undefined ? [] : ["--log-driver", driver]), ...draft.list("LogOpt").flatMap((option) => ["--log-opt", option])];
}

function cgroupFlags(draft: ServiceDraft): string[] {
  draft.add("Service", "Delegate", "yes");
  const mode = draft.given("CgroupsMode");
  return mode === undefined ? ["--cgroups=split"] : ["--cgroups", mode];
}

function plainFlags(draft: ServiceDraft): string[] {
  const entrypoint = draft.value("Entrypoint");
  return [
    // An empty one takes back the image's.
    ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
    ...valueFlags(draft, [
      ["Timezone", "--tz"],
      ["PidsLimit", "--pids-limit"],
      ["ShmSize", "--shm-size"],
      ["WorkingDir", "--workdir"],
      ["IP", "--ip"],
      ["IP6", "--ip6"],
      ["HostName", "--hostname"],
      ["StopSignal", "--stop-signal"],
      ["StopTimeout", "--stop-timeout"],
      ["Pull", "--pull"],
      ["Memory", "--memory"],
      ["Retry", "--retry"],
      ["RetryDelay", "--retry-delay"],
    ]),
    ...repeatedFlags(draft, [
      ["NetworkAlias", "--network-alias"],
      ["Ulimit", "--ulimit"],
      ["DNS", "--dns"],
      ["DNSOption", "--dns-option"],
      ["DNSSearch", "--dns-search"],
      ["GroupAdd", "--group-add"],
      ["AddHost", "--add-host"],
      ["Tmpfs", "--tmpfs"],
    ]),
    ...booleanFlags(draft, [
      ["RunInit", "--init"],
      ["EnvironmentHost", "--env-host"],
      ["HttpProxy", "--http-proxy"],
      ["ReadOnlyTmpfs", "--read-only-tmpfs"],
    ]),
  ];
}

/** How the service says that it is ready, unless it is one that runs once. */
function notifyFlags(draft: ServiceDraft): string[] {
  const type = draft.serviceValue("Type");
  if (type !== undefined && type !== "notify" && type !== "oneshot") throw invalid(`invalid service Type '${type}'`);
  const flags: string[] = [];
  if (type !== "oneshot") {
    const healthy = draft.value("Notify")?.toLowerCase() === "healthy";
    const mode = healthy ? "healthy" : draft.flag("Notify") === true ? "container" : "conmon";
    draft.set("Type", "notify");
    draft.set("NotifyAccess", "all");
    flags.push(`--sdnotify=${mode}`, "-d");
  }
  draft.setDefault("SyslogIdentifier", "%N");
  return flags;
}

function readOnlyFlags(draft: ServiceDraft): string[] {
  return [
    ...booleanFlags(draft, [["ReadOnly", "--read-only"]]),
    ...(draft.flag("VolatileTmp") === true && draft.flag("ReadOnly") !== true ? ["--tmpfs", "/tmp:rw,size=512M,mode=1777"] : []),
  ];
}

function metadataFlags(draft: ServiceDraft): string[] {
  const update = draft.given("AutoUpdate");
  return [
    ...(update === undefined ? [] : ["--label", `io.containers.autoupdate=${update}`]),
    ...draft.all("ExposeHostPort").flatMap((port) => {
      if (!/\d+(-\d+)?(\/udp|\/tcp)?$/.test(port.trim())) throw invalid(`invalid port format '${port.trim()}'`);
      return ["--expose", port.trim()];
    }),
    ...repeatedFlags(draft, [["PublishPort", "--publish"]]),
    ...pairFlags(draft, [
      ["Environment", "--env"],
      ["Label", "--label"],
      ["Annotation", "--annotation"],
    ]),
    ...draft.words("Mask").flatMap((path) => ["--security-opt", `mask=${path}`]),
    ...draft.words("Unmask").flatMap((path) => ["--security-opt", `unmask=${path}`]),
    ...draft.words("EnvironmentFile").flatMap((file) => ["--env-file", draft.path(file)]),
    ...wordFlags(draft, [["Secret", "--secret"]]),
  ];
}

function healthFlags(draft: ServiceDraft): string[] {
  return valueFlags(draft, [
    ["HealthCmd", "--health-cmd"],
    ["HealthInterval", "--health-interval"],
    ["HealthOnFailure", "--health-on-failure"],
    ["HealthLogDestination", "--health-log-destination"],
    ["HealthMaxLogCount", "--health-max-log-count"],
    ["HealthMaxLogSize", "--health-max-log-size"],
    ["HealthRetries", "--health-retries"],
    ["HealthStartPeriod", "--health-start-period"],
    ["HealthTimeout", "--health-timeout"],
    ["HealthStartupCmd", "--health-startup-cmd"],
    ["HealthStartupInterval", "--health-startup-interval"],
    ["HealthStartupRetries", "--health-startup-retries"],
    ["HealthStartupSuccess", "--health-startup-success"],
    ["HealthStartupTimeout", "--health-startup-timeout"],
  ]);
}

/** Joins a pod's quadlet: the service ends with the pod's, and begins with it unless the unit says no. */
function podFlags(draft: ServiceDraft): string[] {
  const pod = draft.given("Pod");
  if (pod === undefined) return [];
  if (!pod.endsWith(".pod")) throw invalid(`pod ${pod} is not Quadlet based`);
  const names = draft.context.names.get(pod);
  if (names === undefined) throw invalid(`quadlet pod unit ${pod} does not exist`);
  draft.add("Unit", "BindsTo", names.serviceFile);
  draft.add("Unit", "After", names.serviceFile);
  // Nothing can depend on a template, only on what is made of it.
  if (draft.flag("StartWithPod") !== false && !draft.service.name.includes("@.")) {
    const { podMembers } = draft.context;
    podMembers.set(pod, [...(podMembers.get(pod) ?? []), draft.service.name]);
  }
  return ["--pod", names.resource];
}
