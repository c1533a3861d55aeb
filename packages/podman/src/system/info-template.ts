/** Words whose Go field name is not the JSON key with a capital letter. */
const goNames: Readonly<Record<string, string>> = {
  cpus: "CPUs",
  cpuUtilization: "CPUUtilization",
  cgroupVersion: "CgroupsVersion",
  idMappings: "IDMappings",
  gidmap: "GIDMap",
  uidmap: "UIDMap",
  ociRuntime: "OCIRuntime",
  os: "OS",
  dns: "DNS",
  capabilities: "DefaultCapabilities",
  apparmorEnabled: "AppArmorEnabled",
  seccompEnabled: "SECCOMPEnabled",
  seccompProfilePath: "SECCOMPProfilePath",
  selinuxEnabled: "SELinuxEnabled",
  slirp4netns: "Slirp4NetNS",
  rootlessNetworkCmd: "RootlessNetworkCmd",
};
/** Maps: their keys are data. */
const maps = new Set(["graphOptions", "graphStatus", "registries", "runtimeInfo"]);

/** `podman info` as templates see it: Go's field names instead of the JSON keys. */
export function infoTemplateData(info: unknown): unknown {
  if (Array.isArray(info)) return info.map(infoTemplateData);
  if (typeof info !== "object" || info === null) return info;
  return Object.fromEntries(
    Object.entries(info).map(([key, value]) => [
      goNames[key] ?? key.charAt(0).toUpperCase() + key.slice(1),
      maps.has(key) ? value : infoTemplateData(value),
    ]),
  );
}
