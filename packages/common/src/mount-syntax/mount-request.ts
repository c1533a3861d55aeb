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
  | { readonly type: "devpts"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "image"; readonly source: string; readonly target: string; readonly readWrite: boolean; readonly subpath?: string };
