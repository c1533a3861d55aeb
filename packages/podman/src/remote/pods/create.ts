import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import type { NetworkSpec } from "../../container-spec/network-spec.ts";
import type { VolumeSpec } from "../../container-spec/volume-spec.ts";
import { DEFAULT_SHARE, type PodSpec } from "../../pods/pod-spec.ts";
import { runtimeResources } from "../containers/resource-fields.ts";
import { namespaceField, userFields } from "../containers/spec-namespaces.ts";
import { networkFields } from "../containers/spec-network.ts";
import { storageFields } from "../containers/spec-storage.ts";
import { withoutAbsent } from "../present-fields.ts";
import { postJson, type Service } from "../service.ts";
import { record, text } from "../wire.ts";
import { removePods } from "./deeds.ts";

/** Makes a pod and gives its id. */
export async function createPod(service: Service, spec: PodSpec): Promise<string> {
  if (spec.replace === true && spec.name !== undefined) {
    const [report] = await removePods(service, [spec.name], { force: true, ignore: true });
    if (report?.errors[0] !== undefined) throw report.errors[0];
  }
  return text(record(await postJson(service, "/pods/create", { body: podGenerator(spec) }))["Id"]);
}

/** `--pod new:NAME`: makes the pod, which gets the container's ports, networks, hosts and host name; the container keeps the rest. */
export async function createPodFor(service: Service, spec: ContainerSpec, name: string): Promise<ContainerSpec> {
  if (name === "") throw new ToolError("invalid-argument", "new pod name must be at least one character");
  const { network, hostname, ...rest } = spec;
  const pod = await createPod(service, {
    name,
    ...(spec.createCommand === undefined ? {} : { createCommand: spec.createCommand }),
    ...(hostname === undefined ? {} : { hostname }),
    infra: { share: DEFAULT_SHARE, network },
  });
  const { dns, dnsSearch, dnsOptions, noHosts, noHostname } = network;
  const kept: NetworkSpec = withoutAbsent({ dns, dnsSearch, dnsOptions, noHosts, noHostname });
  return { ...rest, pod, network: kept };
}

/** What a user asks of a pod as the body of the API's `pods/create` (the original's PodSpecGenerator). */
export function podGenerator(spec: PodSpec): Record<string, unknown> {
  const { infra, limits } = spec;
  return withoutAbsent({
    name: spec.name,
    hostname: spec.hostname,
    exit_policy: spec.exitPolicy ?? "continue",
    labels: spec.labels,
    no_infra: infra === undefined,
    infra_conmon_pid_file: infra?.conmonPidfile,
    infra_command: infra?.command,
    infra_image: infra?.image,
    infra_name: infra?.name,
    shared_namespaces: infra === undefined ? undefined : infra.share.length === 0 ? ["none"] : infra.share,
    restart_policy: spec.restart?.name,
    restart_tries: spec.restart?.retries,
    share_parent: spec.shareParent,
    pod_create_command: spec.createCommand,
    cgroup_parent: spec.cgroupParent,
    resource_limits: limits === undefined ? undefined : runtimeResources(limits),
    ...(infra === undefined ? {} : { ...infraFields(infra), ...podNetworkFields(infra.network) }),
  });
}

function infraFields(infra: NonNullable<PodSpec["infra"]>): Record<string, unknown> {
  const { volumes, ...storage } = volumeFields(infra.volumes ?? []);
  return {
    pidns: namespaceField(infra.pid),
    utsns: namespaceField(infra.uts),
    ...userFields(infra.user),
    ...storage,
    volumes,
    volumes_from: infra.volumesFrom?.length ? infra.volumesFrom : undefined,
    pod_devices: infra.devices?.length
      ? infra.devices.map(({ source, target, permissions }) =>
          [source, target, ...(permissions === undefined ? [] : [permissions])].join(":"),
        )
      : undefined,
    shm_size: infra.shmSize,
    shm_size_systemd: infra.shmSizeSystemd,
    security_opt: infra.security?.securityOptions?.length ? infra.security.securityOptions : undefined,
    sysctl: infra.sysctls,
  };
}

function volumeFields(volumes: readonly VolumeSpec[]): Record<string, unknown> {
  const { mounts, volumes: named, overlay_volumes, image_volumes } = storageFields({ volumes });
  return { mounts, volumes: named, overlay_volumes, image_volumes };
}

/** The same things under the names that pods have for some of them. */
function podNetworkFields(network: NetworkSpec): Record<string, unknown> {
  const fields = networkFields(network);
  return {
    netns: fields["netns"],
    Networks: fields["Networks"],
    portmappings: fields["portmappings"],
    network_options: fields["network_options"],
    hostadd: fields["hostadd"],
    no_manage_resolv_conf: fields["use_image_resolve_conf"],
    no_manage_hostname: fields["use_image_hostname"],
    no_manage_hosts: fields["use_image_hosts"],
    dns_server: fields["dns_server"],
    dns_search: fields["dns_search"],
    dns_option: fields["dns_option"],
    hostsFile: fields["base_hosts_file"],
  };
}
