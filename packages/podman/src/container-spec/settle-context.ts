import type { ContainerConfig } from "../containers/config.ts";
import type { ContainerDefaults } from "../engine/defaults.ts";
import type { SettledUserNamespace } from "../user-namespaces/settle-user-namespace.ts";

/** What of the image a container takes over. */
export interface ImageFacts {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** `os/architecture`. */
  readonly platform: string;
  readonly config: {
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Volumes?: Readonly<Record<string, object>>;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly StopSignal?: string;
    readonly Healthcheck?: {
      readonly Test?: readonly string[];
      readonly Interval?: number;
      readonly Timeout?: number;
      readonly StartPeriod?: number;
      readonly Retries?: number;
    };
  };
}

/** What the settling needs to know besides the spec; all looked up before. */
export interface SettleContext {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly image: ImageFacts | undefined;
  readonly defaults: ContainerDefaults;
  readonly rootless: boolean;
  readonly cgroupManager: "systemd" | "cgroupfs";
  readonly cgroupVersion: 1 | 2;
  readonly runtime: string;
  readonly driver: string;
  readonly staticDir: string;
  readonly runDir: string;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly availableCapabilities: readonly string[];
  /** What the network's interface is called inside, where containers.conf says so. */
  interfaceOf?(network: string): string | undefined;
  /** Id of a local image. */
  findImage?(name: string): string | undefined;
  /** Absent: the host's. */
  readonly userNamespace?: SettledUserNamespace;
  /** Full id of a container that the user named. */
  resolveContainer(reference: string): ContainerConfig;
  /** Full name of a network; throws when there is none. */
  resolveNetwork(name: string): string;
}
