/** A kind of quadlet: what its section is called, which keys it knows, and what its service is called. */
export interface QuadletKind {
  /** `.container` */
  readonly extension: string;
  /** `Container`; the generated unit keeps it as `X-Container`. */
  readonly section: string;
  /** Units of a lower number are translated first, because later ones ask for what they are called. */
  readonly order: number;
  /** Comes after the file's name in the service's. */
  readonly serviceSuffix: string;
  readonly keys: ReadonlySet<string>;
}

const everywhere = "ContainersConfModule GlobalArgs PodmanArgs ServiceName";
const userMapping = "RemapGid RemapUid RemapUidSize RemapUsers UserNS";
const subordinateIds = "GIDMap SubGIDMap SubUIDMap UIDMap";
const resolver = "DNS DNSOption DNSSearch";
const retries = "Retry RetryDelay";

const health = `HealthCmd HealthInterval HealthOnFailure HealthLogDestination HealthMaxLogCount HealthMaxLogSize HealthRetries HealthStartPeriod
  HealthStartupCmd HealthStartupInterval HealthStartupRetries HealthStartupSuccess HealthStartupTimeout HealthTimeout`;
const securityLabels = "SecurityLabelDisable SecurityLabelFileType SecurityLabelLevel SecurityLabelNested SecurityLabelType";

const containerKeys = `${everywhere} ${userMapping} ${subordinateIds} ${resolver} ${retries} ${health} ${securityLabels} AddCapability AddDevice AddHost
  Annotation AppArmor AutoUpdate CgroupsMode ContainerName DropCapability Environment EnvironmentFile EnvironmentHost Entrypoint Exec ExposeHostPort
  Group GroupAdd HostName HttpProxy IP6 IP Image Label LogDriver LogOpt Mask Memory Mount Network NetworkAlias NoNewPrivileges Notify PidsLimit Pod
  PublishPort Pull ReadOnly ReadOnlyTmpfs ReloadCmd ReloadSignal Rootfs RunInit SeccompProfile Secret ShmSize StopSignal StartWithPod StopTimeout
  Sysctl Timezone Tmpfs Ulimit Unmask User VolatileTmp Volume WorkingDir`;
const volumeKeys = `${everywhere} Copy Device Driver Group Image Label Options Type User VolumeName`;
const networkKeys = `${everywhere} DNS DisableDNS Driver Gateway IPAMDriver IPRange IPv6 InterfaceName Internal Label NetworkDeleteOnStop NetworkName
  Options Subnet`;
const kubeKeys = `${everywhere} ${userMapping} AutoUpdate ConfigMap ExitCodePropagation KubeDownForce LogDriver LogOpt Network PublishPort
  SetWorkingDirectory Yaml`;
const imageKeys = `${everywhere} ${retries} AllTags Arch AuthFile CertDir Creds DecryptionKey Image ImageTag OS Policy TLSVerify Variant`;
const buildKeys = `${everywhere} ${resolver} ${retries} Annotation Arch AuthFile BuildArg Environment File ForceRM GroupAdd IgnoreFile ImageTag Label
  Network Pull Secret SetWorkingDirectory Target TLSVerify Variant Volume`;
const artifactKeys = `${everywhere} ${retries} Artifact AuthFile CertDir Creds DecryptionKey Quiet TLSVerify`;
const podKeys = `${everywhere} ${userMapping} ${subordinateIds} ${resolver} AddHost ExitPolicy HostName IP IP6 Label Network NetworkAlias PodName
  PublishPort ShmSize StopTimeout Volume`;

/** Every kind, by its files' extension. */
export const quadletKinds: Readonly<Record<string, QuadletKind>> = Object.fromEntries(
  [
    kind("Container", { order: 4, serviceSuffix: "", keys: containerKeys }),
    kind("Volume", { order: 2, serviceSuffix: "-volume", keys: volumeKeys }),
    kind("Network", { order: 2, serviceSuffix: "-network", keys: networkKeys }),
    kind("Kube", { order: 4, serviceSuffix: "", keys: kubeKeys }),
    kind("Image", { order: 1, serviceSuffix: "-image", keys: imageKeys }),
    kind("Build", { order: 3, serviceSuffix: "-build", keys: buildKeys }),
    kind("Artifact", { order: 1, serviceSuffix: "-artifact", keys: artifactKeys }),
    kind("Pod", { order: 5, serviceSuffix: "-pod", keys: podKeys }),
  ].map((one) => [one.extension, one]),
);

function kind(section: string, rest: { order: number; serviceSuffix: string; keys: string }): QuadletKind {
  return { ...rest, section, extension: `.${section.toLowerCase()}`, keys: new Set(rest.keys.split(/\s+/)) };
}

/** The kind of a file by its name; undefined when it is no quadlet. */
export function kindOf(fileName: string): QuadletKind | undefined {
  return quadletKinds[extensionOf(fileName)];
}

/** `.container` of `web.container`; empty when there is none. */
export function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf(".");
  return dot < 0 ? "" : fileName.slice(dot);
}
