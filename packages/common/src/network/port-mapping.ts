/** One published port or range, with the keys netavark reads. */
export interface PortMapping {
  /** Host address; empty means all. */
  readonly host_ip: string;
  readonly container_port: number;
  readonly host_port: number;
  /** Length of the range, at least 1. */
  readonly range: number;
  readonly protocol: "tcp" | "udp" | "sctp";
}
