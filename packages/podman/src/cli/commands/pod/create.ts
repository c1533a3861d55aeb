import { existsSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseVolume } from "@containers/common/mount-syntax/parse-volume";
import { createPod } from "../../../pods/create.ts";
import { POD_NAMESPACES, type PodNamespace } from "../../../pods/pod-record.ts";
import { DEFAULT_SHARE, type InfraSpec, type PodSpec } from "../../../pods/pod-spec.ts";
import { writeIdFile } from "../../flags/create-flags.ts";
import { networkSpec } from "../../flags/network-flags.ts";
import { restartPolicy } from "../../flags/process-flags.ts";
import { keyValues, linesOfFiles } from "../../flags/read-lists.ts";
import { sysctls } from "../../flags/resource-flags.ts";
import { namespaceSpec, securitySpec } from "../../flags/security-flags.ts";
import { onSide } from "../../on-side.ts";
import { engineForImages } from "../container/engine-for-images.ts";
import { podCreateFlags } from "./create-flags.ts";
import { infraCommand, podDevices, podLimits } from "./pod-values.ts";

type CreateInvocation = Invocation<FlagValues<typeof podCreateFlags>>;

/** `podman pod create`. */
export const podCreateCommand = defineCommand({
  name: "create",
  summary: "Create a new empty pod",
  description: "Makes a pod, with a container that holds its namespaces, and prints its id. Containers join it by podman run --pod.",
  usage: "[NAME]",
  examples: ["podman pod create", "podman pod create --label foo=bar mypod", "podman pod create -p 8443:443 --name web"],
  flags: podCreateFlags,
  args: { min: 0, max: 1 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, out } = invocation;
    if ((flags.podIdFile ?? "") !== "" && existsSync(flags.podIdFile ?? ""))
      throw new ToolError("already-exists", `pod id file exists. Ensure another pod is not using it or delete ${flags.podIdFile}`);
    const spec = podSpec(invocation);
    const id = await onSide(invocation, {
      local: async () => (await createPod(engineForImages(invocation), spec)).id,
      remote: async (service) => (await import("../../../remote/pods/create.ts")).createPod(service, spec),
    });
    writeIdFile(flags.podIdFile, id);
    out.stdout(`${id}\n`);
    return undefined;
  },
});

function podSpec(invocation: CreateInvocation): PodSpec {
  const { flags, given, args } = invocation;
  if (args.length > 0 && (flags.name ?? "") !== "")
    throw new ToolError("invalid-argument", "cannot specify --name and NAME at the same time");
  if (flags.exitPolicy !== "continue" && flags.exitPolicy !== "stop")
    throw new ToolError("invalid-argument", `running pod create option: invalid pod exit policy: ${JSON.stringify(flags.exitPolicy)}`);
  const restart = restartPolicy({ restart: flags.restart, rm: false }, "running pod create option: ");
  const hasInfra = flags.infra && (given("infra") || (flags.share !== "none" && flags.share !== ""));
  if (!hasInfra) refuseWithoutInfra(invocation);
  return {
    name: args[0] ?? (flags.name === "" ? undefined : flags.name),
    replace: flags.replace,
    labels: { ...keyValues(linesOfFiles(flags.labelFile)), ...keyValues(flags.label) },
    hostname: flags.hostname,
    createCommand: ["podman", ...process.argv.slice(2)],
    ...(given("exit-policy") ? { exitPolicy: flags.exitPolicy } : {}),
    restart,
    shareParent: flags.shareParent,
    cgroupParent: flags.cgroupParent,
    ...podLimits(invocation),
    ...(hasInfra ? { infra: infraSpec(invocation) } : {}),
  };
}

/** What only an infra container could give. */
function refuseWithoutInfra({ flags, given }: CreateInvocation): void {
  if (given("no-hosts")) throw new ToolError("invalid-argument", "cannot specify --no-hosts without an infra container");
  if (given("share") && flags.share !== "none" && flags.share !== "")
    throw new ToolError("invalid-argument", `cannot set share(${flags.share}) namespaces without an infra container`);
  if (flags.publish.length > 0)
    throw new ToolError("invalid-argument", "you must have an infra container to publish port bindings to the host");
  const exclusive: ReadonlyArray<readonly [flag: string, name: string]> = [
    ["infra-command", "InfraCommand"],
    ["infra-image", "InfraImage"],
    ["infra-name", "InfraName"],
    ["dns-option", "DNSOption"],
    ["dns-search", "DNSSearch"],
    ["dns", "DNSServer"],
    ["add-host", "HostAdd"],
    ["hosts-file", "HostsFile"],
  ];
  for (const [flag, name] of exclusive) {
    if (given(flag)) throw new ToolError("invalid-argument", `NoInfra and ${name} are mutually exclusive pod options: invalid pod spec`);
  }
  if (given("network")) throw new ToolError("invalid-argument", "NoInfra and network modes cannot be used together");
  if (given("ip") || given("ip6") || given("mac-address") || given("network-alias"))
    throw new ToolError("invalid-argument", "cannot set networks options without infra container");
}

function infraSpec({ flags, given }: CreateInvocation): InfraSpec {
  const network = networkSpec({ ...flags, expose: [], publishAll: false }, flags.noHostname);
  const mode = network.mode?.kind;
  if (mode === "container") throw new ToolError("invalid-argument", "pods presently do not support network mode container");
  if (flags.publish.length > 0 && (mode === "host" || mode === "none" || mode === "path"))
    throw new ToolError("invalid-argument", "PortMappings can only be used with Bridge, slirp4netns, or pasta networking");
  const share = parseShare(flags.share);
  if (share.includes("cgroup") && flags.shareParent) {
    throw new ToolError(
      "invalid-argument",
      "cannot define the pod as the cgroup parent at the same time as joining the infra container's cgroupNS: invalid argument",
    );
  }
  const { pid, uts, user } = namespaceSpec({ ...flags, ipc: undefined, cgroupns: undefined });
  return {
    name: flags.infraName === "" ? undefined : flags.infraName,
    image: flags.infraImage,
    command: given("infra-command") ? infraCommand(flags.infraCommand ?? "") : undefined,
    conmonPidfile: flags.infraConmonPidfile,
    share,
    network,
    pid,
    uts,
    user,
    volumes: flags.volume.map(parseVolume),
    volumesFrom: flags.volumesFrom,
    ...podDevices(flags),
    shmSizeSystemd: given("shm-size-systemd") ? flags.shmSizeSystemd : undefined,
    shmSize: given("shm-size") ? flags.shmSize : undefined,
    sysctls: sysctls(flags.sysctl),
    security: securitySpec({ ...flags, capAdd: [], capDrop: [], privileged: false, seccompPolicy: undefined }),
  };
}

/** `net,ipc`, or with a `+` in front what is shared besides the usual. A user namespace is shared when the pod has one of its own. */
function parseShare(text: string): PodNamespace[] {
  const more = text.startsWith("+");
  const names = (more ? text.slice(1) : text).split(",").filter((name) => name !== "" && name !== "none");
  const shared = names.map((name) => {
    const known = POD_NAMESPACES.find((namespace) => namespace === name);
    if (known === undefined)
      throw new ToolError(
        "invalid-argument",
        `invalid kernel namespace to share: ${name}. Options are: cgroup, ipc, net, pid, uts or none`,
      );
    return known;
  });
  return [...new Set([...(more ? DEFAULT_SHARE : []), ...shared])].filter((name) => name !== "user");
}
