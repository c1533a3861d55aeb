/** What a namespace got from pasta or slirp4netns: for its resolv.conf and hosts file. */
export interface UserModeNetwork {
  readonly program: "pasta" | "slirp4netns";
  /** Addresses of the namespace's interfaces: global ones, loopback and link-local IPv6 left out. */
  readonly addresses: readonly string[];
  /** Name servers to be used inside. */
  readonly dnsServers: readonly string[];
  /** Addresses that reach the host from inside. */
  readonly hostAddresses: readonly string[];
  readonly ipv6: boolean;
  /** The process that serves the namespace; it ends with the namespace, or by SIGTERM. */
  readonly pid?: number;
}
