import type { PortMapping } from "@containers/common/network/port-mapping";

export interface NetworkSpec {
  /** Default: `bridge` as root, `pasta` rootless. */
  readonly mode?: NetworkMode;
  /** For mode `bridge`: networks by name; empty means the default network. */
  readonly networks?: Readonly<Record<string, NetworkAttachment>>;
  /** For `pasta` and `slirp4netns`: their options. */
  readonly modeOptions?: readonly string[];
  readonly ports?: readonly PortMapping[];
  /** Publish every exposed port to a free one. */
  readonly publishAll?: boolean;
  /** `80/tcp`, as EXPOSE and --expose have them. */
  readonly expose?: readonly string[];
  /** Names of the container on all of its networks. */
  readonly aliases?: readonly string[];
  /** Applies to the only (or first) network. */
  readonly staticIps?: readonly string[];
  readonly staticMac?: string;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  /** `name:address`, where the address may be `host-gateway`. */
  readonly addHosts?: readonly string[];
  /** Leave the image's /etc/hosts alone. */
  readonly noHosts?: boolean;
  /** Leave the image's /etc/hostname alone. */
  readonly noHostname?: boolean;
  /** Base for /etc/hosts: a path, `image` or `none`. */
  readonly hostsFile?: string;
}

export interface NetworkAttachment {
  readonly interfaceName?: string;
  readonly aliases?: readonly string[];
  readonly staticIps?: readonly string[];
  readonly staticMac?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export type NetworkMode =
  | { readonly kind: "bridge" | "host" | "none" | "private" | "pasta" | "slirp4netns" }
  /** The namespace of another container, by name or id. */
  | { readonly kind: "container"; readonly container: string }
  | { readonly kind: "path"; readonly path: string };
