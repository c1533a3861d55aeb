/** Fields of `--format` templates by command, and by what they lead to: `container inspect`, `container inspect State`. A dot ends those with fields of their own. */
export const FORMAT_FIELDS: Readonly<Record<string, string>> = {
  "artifact inspect": "TotalSizeBytes Digest Manifest. Name",
  "artifact inspect Manifest":
    "ConfigInfo LayerInfos Manifest Versioned. MediaType ArtifactType Config. Layers Subject. Annotations SchemaVersion",
  "artifact inspect Manifest Config": "MediaType Digest Size URLs Annotations Data Platform. ArtifactType",
  "artifact inspect Manifest Subject": "MediaType Digest Size URLs Annotations Data Platform. ArtifactType",
  "artifact inspect Manifest Versioned": "SchemaVersion",
  "artifact ls": "Created CreatedAt Digest Repository Size Tag VirtualSize",
  "auto-update": "Unit Container ContainerName ContainerID Image Policy Updated",
  "container inspect":
    "ID Created Path Args State. Image ImageDigest ImageName Rootfs Pod ResolvConfPath HostnamePath HostsPath StaticDir OCIConfigPath OCIRuntime ConmonPidFile PidFile Name RestartCount Driver MountLabel ProcessLabel AppArmorProfile EffectiveCaps BoundingCaps ExecIDs GraphDriver. SizeRw SizeRootFs Mounts Dependencies NetworkSettings. Namespace IsInfra IsService KubeExitCodePropagation LockNumber Config. HostConfig. UseImageHosts UseImageHostname",
  "container inspect Config":
    "Hostname DomainName User AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Env Cmd Image Volumes WorkingDir Entrypoint OnBuild Labels Annotations StopSignal StartupHealthCheck. Healthcheck. HealthcheckOnFailureAction HealthLogDestination HealthMaxLogCount HealthMaxLogSize CreateCommand Timezone SystemdMode Umask Secrets Timeout StopTimeout Passwd ChrootDirs SdNotifyMode SdNotifySocket ExposedPorts V4PodmanCompatMarshal",
  "container inspect Config Healthcheck": "Test StartPeriod StartInterval Interval Timeout Retries",
  "container inspect Config StartupHealthCheck": "Schema2HealthConfig. Successes Test StartPeriod StartInterval Interval Timeout Retries",
  "container inspect GraphDriver": "Name Data",
  "container inspect HostConfig":
    "Binds CgroupManager CgroupMode ContainerIDFile LogConfig. NetworkMode PortBindings RestartPolicy. AutoRemove AutoRemoveImage Annotations VolumeDriver VolumesFrom CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts HostsFile GroupAdd IpcMode Cgroup Cgroups Links OomScoreAdj PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt Tmpfs UTSMode UsernsMode IDMappings. ShmSize Runtime ConsoleSize Isolation CpuShares Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems Devices DiskQuota KernelMemory MemoryReservation MemorySwap MemorySwappiness OomKillDisable Init PidsLimit Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth CgroupConf IntelRdtClosID",
  "container inspect HostConfig IDMappings": "UIDMap GIDMap",
  "container inspect HostConfig LogConfig": "Type Config Path Tag Size",
  "container inspect HostConfig RestartPolicy": "Name MaximumRetryCount",
  "container inspect NetworkSettings":
    "InspectBasicNetworkConfig. Bridge SandboxID HairpinMode LinkLocalIPv6Address LinkLocalIPv6PrefixLen Ports SandboxKey Networks EndpointID Gateway IPAddress IPPrefixLen SecondaryIPAddresses IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen SecondaryIPv6Addresses MacAddress AdditionalMacAddresses",
  "container inspect NetworkSettings InspectBasicNetworkConfig":
    "EndpointID Gateway IPAddress IPPrefixLen SecondaryIPAddresses IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen SecondaryIPv6Addresses MacAddress AdditionalMacAddresses",
  "container inspect State":
    "Healthcheck OciVersion Status Running Paused Restarting OOMKilled Dead Pid ConmonPid ExitCode Error StartedAt FinishedAt Health. Checkpointed CgroupPath CheckpointedAt. RestoredAt. CheckpointLog CheckpointPath RestoreLog Restored StoppedByUser",
  "container inspect State CheckpointedAt":
    "Day GoString Hour IsDST IsZero Local Location Minute Month Nanosecond Second String UTC Unix UnixMicro UnixMilli UnixNano Weekday Year YearDay",
  "container inspect State Health": "Status FailingStreak Log",
  "container inspect State RestoredAt":
    "Day GoString Hour IsDST IsZero Local Location Minute Month Nanosecond Second String UTC Unix UnixMicro UnixMilli UnixNano Weekday Year YearDay",
  "container list":
    "CGROUPNS Cgroup Command CreatedAt CreatedHuman ID IPC ImageID MNT NET Names Networks PIDNS Pod Ports Restarts RunningFor Size Status USERNS UTS User AutoRemove Created CIDFile Exited ExitedAt ExitCode ExposedPorts Image IsInfra Labels Mounts Pid PodName StartedAt State",
  "container stats":
    "AVGCPU BlockIO CPUPerc ID MemPerc MemUsage MemUsageBytes NetIO PIDS Up AvgCPU ContainerID Name PerCPU CPU CPUNano CPUSystemNano SystemNano MemLimit Network BlockInput BlockOutput PIDs UpTime Duration",
  "image history": "Created CreatedAt CreatedBy CreatedSince ID Size Tags Comment",
  "image inspect":
    "ID Digest RepoTags RepoDigests Parent Comment Created Config. Version Author Architecture Os Size VirtualSize GraphDriver. RootFS. Labels Annotations ManifestType User History NamesHistory HealthCheck.",
  "image inspect Config": "User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal ArgsEscaped",
  "image inspect GraphDriver": "Name Data",
  "image inspect HealthCheck": "Test StartPeriod StartInterval Interval Timeout Retries",
  "image inspect RootFS": "Type Layers",
  "image list":
    "Created CreatedAt CreatedSince CreatedTime History ID Id IsDangling IsReadOnly Size Repository Tag ParentId RepoTags RepoDigests SharedSize VirtualSize Labels Containers ReadOnly Dangling Arch Digest IsManifestList Names Os",
  "image search": "Index Name Description Stars Official Automated Tag",
  "network inspect":
    "Containers Name ID Driver NetworkInterface Created Subnets Routes IPv6Enabled Internal DNSEnabled NetworkDNSServers Labels Options IPAMOptions",
  "network ls":
    "ID Labels Name Driver NetworkInterface Created Subnets Routes IPv6Enabled Internal DNSEnabled NetworkDNSServers Options IPAMOptions",
  "pod inspect":
    "ID Name Namespace Created CreateCommand ExitPolicy State Hostname Labels CreateCgroup CgroupParent CgroupPath CreateInfra InfraContainerID InfraConfig. SharedNamespaces NumContainers Containers CPUPeriod CPUQuota CPUShares CPUSetCPUs CPUSetMems Mounts Devices BlkioDeviceReadBps BlkioDeviceWriteBps VolumesFrom SecurityOpts MemoryLimit MemorySwap BlkioWeight BlkioWeightDevice RestartPolicy LockNumber",
  "pod inspect InfraConfig":
    "PortBindings HostNetwork StaticIP StaticMAC NoManageResolvConf DNSServer DNSSearch DNSOption NoManageHostname NoManageHosts HostAdd HostsFile Networks NetworkOptions CPUPeriod CPUQuota CPUSetCPUs PidNS UserNS UtsNS",
  "pod ps":
    "ContainerIds ContainerNames ContainerStatuses Created ID Id InfraID InfraId Labels Networks NumberOfContainers Restarts Cgroup Containers Name Namespace Status",
  "pod stats": "CPU MemUsage MemUsageBytes Mem NetIO BlockIO PIDS Pod CID Name",
  "quadlet list": "Name UnitName Path Status App",
  "secret inspect": "ID CreatedAt UpdatedAt. Spec. SecretData",
  "secret inspect Spec": "Name Driver. Labels",
  "secret inspect Spec Driver": "Name Options",
  "secret inspect UpdatedAt":
    "Day GoString Hour IsDST IsZero Local Location Minute Month Nanosecond Second String UTC Unix UnixMicro UnixMilli UnixNano Weekday Year YearDay",
  "secret ls": "ID Name Driver CreatedAt UpdatedAt",
  "farm list": "Name Connections Default ReadWrite",
  "system connection list": "Name Default ReadWrite URI Identity TLSCert TLSKey TLSCA IsMachine",
  "system df": "Reclaimable Size Type Total Active RawSize RawReclaimable",
  "system events":
    "ContainerExitCode ID Image Name Network Status Time TimeNano Type HealthStatus Error ContainerInspectData PodID Attributes",
  "system info": "Host. Store. Registries Plugins. Version.",
  "system info Host":
    "Arch BuildahVersion CgroupManager CgroupsVersion CgroupControllers Conmon. CPUs CPUUtilization. DatabaseBackend Distribution. EventLogger FreeLocks Hostname IDMappings. Kernel LogDriver MemFree MemTotal NetworkBackend NetworkBackendInfo. OCIRuntime. OS RemoteSocket. RootlessNetworkCmd RuntimeInfo ServiceIsRemote Security. Slirp4NetNS. Pasta. SwapFree SwapTotal Uptime Variant Linkmode EmulatedArchitectures",
  "system info Host CPUUtilization": "UserPercent SystemPercent IdlePercent",
  "system info Host Conmon": "Package Path Version",
  "system info Host Distribution": "Distribution Variant Version Codename",
  "system info Host IDMappings": "GIDMap UIDMap",
  "system info Host NetworkBackendInfo": "Backend Version Package Path DNS. DefaultNetwork",
  "system info Host OCIRuntime": "Name Package Path Version",
  "system info Host Pasta": "Executable Package Version",
  "system info Host RemoteSocket": "Path Exists",
  "system info Host Security": "AppArmorEnabled DefaultCapabilities Rootless SECCOMPEnabled SECCOMPProfilePath SELinuxEnabled",
  "system info Host Slirp4NetNS": "Executable Package Version",
  "system info Plugins": "Volume Network Log Authorization",
  "system info Store":
    "ContainerStore. GraphDriverName GraphOptions GraphRoot GraphRootAllocated GraphRootUsed GraphStatus ImageCopyTmpDir ImageStore. RunRoot VolumePath TransientStore",
  "system info Store ContainerStore": "Number Paused Running Stopped",
  "system info Store ImageStore": "Number",
  "system info Version": "APIVersion Version GoVersion GitCommit BuiltTime Built BuildOrigin OsArch Os",
  version: "Client. Server.",
  "version Client": "APIVersion Version GoVersion GitCommit BuiltTime Built BuildOrigin OsArch Os",
  "version Server": "APIVersion Version GoVersion GitCommit BuiltTime Built BuildOrigin OsArch Os",
  "volume inspect":
    "Name Driver Mountpoint CreatedAt Status Labels Scope Options UID GID Anonymous MountCount NeedsCopyUp NeedsChown Timeout StorageID LockNumber",
};

/** Commands whose templates see what those of another see. */
export const SAME_FIELDS: Readonly<Record<string, string>> = {
  "container ps": "container list",
  "context inspect": "system connection list",
  "context list": "system connection list",
  events: "system events",
  history: "image history",
  images: "image list",
  info: "system info",
  ps: "container list",
  search: "image search",
  stats: "container stats",
  "volume ls": "volume inspect",
};
