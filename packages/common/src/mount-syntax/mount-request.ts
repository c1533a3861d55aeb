/** One mount as a user asked for it, by `-v`, `--mount` or `--tmpfs`. */
export type MountRequest =
  | { readonly type: "bind"; readonly source: string; readonly target: string; readonly options: readonly string[] }
  /** An absent name is an anonymous volume. */
  | {
      readonly type: "volume";
      readonly name?: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly subpath?: string;
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "ramfs"; readonly target: string; readonly options: readonly string[] }
  /** A bind of everything that the pattern fits, in the directory `target`, or where it is on the host. */
  | { readonly type: "glob"; readonly source: string; readonly target?: string; readonly options: readonly string[] }
  /** Files of an artifact: all, or the one of this title or digest; `name` is what they are called inside. */
  | {
      readonly type: "artifact";
      readonly source: string;
      readonly target: string;
      readonly title?: string;
      readonly digest?: string;
      readonly name?: string;
    }
  | { readonly type: "devpts"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "image"; readonly source: string; readonly target: string; readonly readWrite: boolean; readonly subpath?: string };
