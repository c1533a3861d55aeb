import { withJson } from "@containers/common/report/with-json";

/** What JSON leaves out of a container while it is empty; templates may name it all the same. */
const OMITTED = { OCIConfigPath: "", OCIRuntime: "", SizeRw: null, SizeRootFs: 0 };

const OMITTED_PARTS: Readonly<Record<string, object>> = {
  State: {
    ConmonPid: 0,
    Health: null,
    Checkpointed: false,
    CgroupPath: "",
    CheckpointLog: "",
    CheckpointPath: "",
    Restored: false,
    RestoreLog: "",
    StoppedByUser: false,
  },
  Config: {
    StartupHealthCheck: null,
    Healthcheck: null,
    HealthcheckOnFailureAction: "",
    HealthLogDestination: "",
    HealthcheckMaxLogCount: 0,
    HealthcheckMaxLogSize: 0,
    CreateCommand: [],
    Timezone: "",
    SystemdMode: false,
    Umask: "",
    Secrets: [],
    Passwd: false,
    ChrootDirs: [],
    sdNotifyMode: "",
    sdNotifySocket: "",
    ExposedPorts: new Map(),
    Volumes: new Map(),
    OnBuild: null,
  },
  HostConfig: { CgroupManager: "", IDMappings: null, Init: false, IntelRdtClosID: "" },
  NetworkSettings: { SecondaryIPAddresses: [], SecondaryIPv6Addresses: [], AdditionalMACAddresses: [], Networks: new Map() },
};

/** A container with the fields that its JSON leaves out; anything else as it is. What the function `json` prints stays the same. */
export function withOmitted(found: unknown): unknown {
  if (!isObject(found) || !isObject(found["State"]) || !("CheckpointedAt" in found["State"])) return found;
  const parts = Object.entries(OMITTED_PARTS).map(([name, omitted]) => {
    const part = found[name];
    return [name, isObject(part) ? withJson({ ...omitted, ...part }, () => part) : part];
  });
  return { ...OMITTED, ...found, ...Object.fromEntries(parts) };
}

/** What templates see: a list that is not there is an empty one to them, as in Go. */
export function withEmptyLists(value: unknown): unknown {
  const config = isObject(value) ? value["Config"] : undefined;
  if (!isObject(value) || !isObject(config)) return value;
  const lists = Object.fromEntries(["Cmd", "Entrypoint", "Env"].map((name) => [name, config[name] ?? withJson([], () => null)]));
  return { ...value, Config: withJson({ ...config, ...lists }, () => config) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
