import type { PortMapping } from "@containers/common/network/port-mapping";
import type { ServiceExitCode } from "../../container-spec/container-spec.ts";
import type { UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { NetworkAttachment, NetworkMode } from "../../container-spec/network-spec.ts";

/** What `kube play` may be told besides the file. */
export interface PlayKubeOptions {
  /** Added to those of the pods and claims. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Images with a Containerfile in a directory of their name: build them even when they exist (true), or never (false). */
  readonly build?: boolean;
  /** Where those directories are; default the working directory. */
  readonly contextDir?: string;
  /** Texts of files with config maps, by path. */
  readonly configMaps?: ReadonlyArray<{ readonly path: string; readonly text: string }>;
  /** One for each pod, in order. */
  readonly staticIps?: readonly string[];
  readonly staticMacs?: readonly string[];
  readonly log?: { readonly driver?: string; readonly options?: readonly string[] };
  /** Instead of the network that pods of kube files share. */
  readonly network?: {
    readonly mode?: NetworkMode;
    readonly networks?: Readonly<Record<string, NetworkAttachment>>;
    readonly modeOptions?: readonly string[];
  };
  readonly noHostname?: boolean;
  readonly noHosts?: boolean;
  /** Containers are called as in the file, not POD-NAME. */
  readonly noPodPrefix?: boolean;
  readonly publish?: readonly PortMapping[];
  /** Publish container ports too that have no host port. */
  readonly publishAll?: boolean;
  /** Pulling reports nothing. */
  readonly quiet?: boolean;
  /** Remove pods and containers of the same names first. */
  readonly replace?: boolean;
  /** Where `localhost/NAME` profiles are; default the kubelet's directory. */
  readonly seccompProfileRoot?: string;
  /** Make a container that stands for all pods, and says by its exit code whether containers failed. */
  readonly service?: ServiceExitCode;
  /** Default true. */
  readonly start?: boolean;
  readonly userns?: UserNamespaceMode;
}

export interface PlayedPod {
  readonly id: string;
  readonly containers: readonly string[];
  readonly initContainers: readonly string[];
  /** What kept containers from starting. */
  readonly containerErrors: readonly string[];
}

export interface PlayReport {
  readonly pods: readonly PlayedPod[];
  /** Names. */
  readonly volumes: readonly string[];
  /** Ids. */
  readonly secrets: readonly string[];
  readonly serviceContainerId?: string;
}
