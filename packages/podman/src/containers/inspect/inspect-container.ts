import type { Engine } from "../../engine/engine.ts";
import type { Container } from "../config.ts";
import { currentContainer } from "../lifecycle/stale.ts";
import { containerSize } from "../listing/container-size.ts";
import { compact } from "./compact.ts";
import { configSection } from "./config-section.ts";
import { graphDriver } from "./graph-driver.ts";
import { hostConfigSection } from "./host-config-section.ts";
import { mountsSection } from "./mounts-section.ts";
import { networkSettings } from "./network-settings.ts";
import { stateSection } from "./state-section.ts";

/** What `podman inspect` prints of a container: the original's keys in the original's order. */
export type InspectContainer = Readonly<Record<string, unknown>>;

/** Everything that is known of a container; its record is made true first when it is stale. */
export async function inspectContainer(
  engine: Engine,
  reference: string | Container,
  options: { readonly size?: boolean } = {},
): Promise<InspectContainer> {
  const container = await currentContainer(engine, reference);
  const size = options.size === true ? await containerSize(engine, container.config.id) : undefined;
  return { ...describeContainer(engine, container), ...(size === undefined ? {} : { SizeRw: size.rwSize, SizeRootFs: size.rootFsSize }) };
}

/** The same of a record as it stands. */
export function describeContainer(engine: Engine, container: Container): InspectContainer {
  const { config, state } = container;
  const ran = state.startedAt !== "" || state.status === "created" || state.status === "running";
  const runFile = (name: string): string => (ran ? `${config.runDir}/${name}` : "");
  const argv = config.initPath === undefined ? config.process : ["/run/podman-init", "--", ...config.process];
  return compact({
    Id: config.id,
    Created: config.createdAt,
    Path: argv[0] ?? "",
    // A command without arguments is shown in both places.
    Args: argv.length > 1 ? argv.slice(1) : argv,
    State: stateSection(container, engine.rootless),
    Image: config.imageId,
    ImageDigest: config.imageDigest,
    ImageName: config.imageName,
    Rootfs: config.rootfs ?? "",
    Pod: config.podId,
    ResolvConfPath: runFile("resolv.conf"),
    HostnamePath: runFile("hostname"),
    HostsPath: runFile("hosts"),
    StaticDir: config.staticDir,
    OCIConfigPath: ran ? `${config.staticDir}/config.json` : undefined,
    OCIRuntime: config.runtime,
    ConmonPidFile: config.conmonPidfile,
    PidFile: config.pidfile,
    Name: config.name,
    RestartCount: state.restartCount,
    Driver: config.driver,
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    EffectiveCaps: hasEffectiveCaps(config.user) ? config.capabilities : [],
    BoundingCaps: config.capabilities,
    ExecIDs: engine.state.execSessions.ofContainer(config.id).map(({ id }) => id),
    GraphDriver: graphDriver(engine, config),
    Mounts: mountsSection(engine, config),
    Dependencies: config.dependencies,
    NetworkSettings: networkSettings(engine, container),
    Namespace: "",
    IsInfra: config.isInfra,
    IsService: config.service !== undefined,
    KubeExitCodePropagation: config.service ?? "invalid",
    lockNumber: 0,
    Config: configSection(config),
    HostConfig: hostConfigSection(config, engine),
    UseImageHosts: config.network.hostsFile === "image",
    UseImageHostname: config.network.noHostname,
  });
}

function hasEffectiveCaps(user: string): boolean {
  return user === "" || /^(0|root)(:|$)/.test(user);
}
