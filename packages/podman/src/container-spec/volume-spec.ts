/** Files of an artifact: all, or the one of this title or digest. */
export interface ArtifactMountSpec {
  readonly type: "artifact";
  readonly source: string;
  readonly target: string;
  readonly title?: string;
  readonly digest?: string;
  /** What the files are called inside; default their titles. */
  readonly name?: string;
}

/** One `-v`, `--mount` or `--tmpfs`. */
export type VolumeSpec =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly subpath?: string;
    }
  /** An absent name is an anonymous volume. */
  | {
      readonly type: "volume";
      readonly name?: string;
      /** It goes with its last container although it has a name. */
      readonly anonymous?: boolean;
      readonly target: string;
      readonly options: readonly string[];
      readonly subpath?: string;
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "ramfs"; readonly target: string; readonly options: readonly string[] }
  /** Everything that the pattern fits; without a target it stands where it does on the host. */
  | { readonly type: "glob"; readonly source: string; readonly target?: string; readonly options: readonly string[] }
  | ArtifactMountSpec
  | { readonly type: "devpts"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "image"; readonly source: string; readonly target: string; readonly readWrite: boolean; readonly subpath?: string };
