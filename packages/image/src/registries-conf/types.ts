/** One place that answers for a prefix: the registry itself, or a mirror of it. */
export interface RegistryEndpoint {
  /** `host[:port][/namespace]` that takes the prefix's place; empty only for a wildcard prefix, which keeps the host. */
  readonly location: string;
  /** Certificates need not verify, and plain http is tried. */
  readonly insecure: boolean;
}

export type MirrorUse = "all" | "digest-only" | "tag-only";

export interface RegistryMirror extends RegistryEndpoint {
  readonly pullFromMirror: MirrorUse;
}

/** A `[[registry]]` table of containers-registries.conf(5), version 2. */
export interface RegistryEntry extends RegistryEndpoint {
  /** `host[:port][/namespace…]` or `*.example.com`: the entry with the longest matching prefix applies. */
  readonly prefix: string;
  readonly mirrors: readonly RegistryMirror[];
  readonly blocked: boolean;
  readonly mirrorByDigestOnly: boolean;
}

export type ShortNameMode = "permissive" | "enforcing" | "disabled";

/** What a short name stands for, and the file that says so; an empty target switches an alias off. */
export interface ShortNameAlias {
  readonly target: string;
  readonly origin: string;
}

/** All files of registries.conf merged. */
export interface RegistriesConf {
  readonly registries: readonly RegistryEntry[];
  readonly unqualifiedSearchRegistries: readonly string[];
  /** The file that set {@link unqualifiedSearchRegistries}; undefined when no file was found. */
  readonly unqualifiedSearchOrigin?: string;
  readonly credentialHelpers: readonly string[];
  readonly shortNameMode: ShortNameMode;
  readonly aliases: ReadonlyMap<string, ShortNameAlias>;
  /** The files and directories that apply, for messages. */
  readonly sources: { readonly file: string; readonly directory: string };
}

/** One file, before merging: undefined where the file says nothing. */
export interface PartialRegistriesConf {
  readonly registries: readonly RegistryEntry[];
  readonly unqualifiedSearchRegistries?: readonly string[];
  readonly credentialHelpers?: readonly string[];
  readonly shortNameMode?: ShortNameMode;
  readonly aliases: ReadonlyMap<string, ShortNameAlias>;
}
