/** What a container may do, and what is kept from it. */
export interface SecuritySpec {
  readonly privileged?: boolean;
  /** Capability names with or without CAP_, any case; `all` means every one. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** A path, or `unconfined`. */
  readonly seccompProfile?: string;
  /** The profile is the one that the image carries in a label. */
  readonly seccompOfImage?: boolean;
  /** That profile, once the image is known. */
  readonly seccompText?: string;
  readonly apparmorProfile?: string;
  /** SELinux label options: `disable`, `type:…`, `level:…`. */
  readonly labelOptions?: readonly string[];
  /** Paths that are hidden in addition. */
  readonly mask?: readonly string[];
  /** Paths that are not hidden; `ALL` for none. */
  readonly unmask?: readonly string[];
  /** Options of the mount of /proc. */
  readonly procOptions?: readonly string[];
  /** As the user wrote them, for inspect. */
  readonly securityOptions?: readonly string[];
}
