/** A namespace other than the network's: `host`, `private`, another container's, or a file's. */
export type NamespaceMode =
  | { readonly kind: "host" | "private" }
  /** ipc only. */
  | { readonly kind: "none" | "shareable" }
  | { readonly kind: "container"; readonly container: string }
  | { readonly kind: "path"; readonly path: string };

export interface NamespaceSpec {
  readonly pid?: NamespaceMode;
  readonly ipc?: NamespaceMode;
  readonly uts?: NamespaceMode;
  readonly cgroup?: NamespaceMode;
  readonly user?: UserNamespaceMode;
}

export type UserNamespaceMode =
  | { readonly kind: "host" }
  | { readonly kind: "keep-id"; readonly uid?: number; readonly gid?: number; readonly size?: number }
  | { readonly kind: "nomap" }
  /** The mappings are texts, `container:[@]host[:size]`; `text` is what the user wrote, for inspect. */
  | {
      readonly kind: "auto";
      readonly size?: number;
      readonly uidMappings?: readonly string[];
      readonly gidMappings?: readonly string[];
      readonly text?: string;
    }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "container"; readonly container: string }
  /** Explicit maps (`--uidmap`, `--gidmap`, as texts), or a user's subordinate ids. */
  | {
      readonly kind: "maps";
      readonly uidMaps: readonly string[];
      readonly gidMaps: readonly string[];
      readonly subuidName?: string;
      readonly subgidName?: string;
    };

export interface IdMapSpec {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}
