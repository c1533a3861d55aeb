/**
 * A command as data. Help, completion, the argument parser and the manual checks read the definition; only
 * `run` acts. Only `build-program.ts` reads command lines.
 */
export interface CommandDefinition<Flags extends FlagSet = FlagSet> {
  /** The last word of the command: `pause` in `podman container pause`. */
  readonly name: string;
  /** Other names in the same place: `ls`, `list`. */
  readonly aliases?: readonly string[];
  /** One line for the parent's help. */
  readonly summary: string;
  /** Longer text of the command's own help. */
  readonly description?: string;
  /** What follows the flags in the usage line: `CONTAINER [CONTAINER...]`. */
  readonly usage?: string;
  readonly examples?: readonly string[];
  readonly flags: Flags;
  /** How many positional arguments are accepted; by default none. */
  readonly args?: {
    readonly min?: number;
    readonly max?: number;
    /** What to say, instead of counting, when there are too few. */
    readonly missing?: string;
  };
  /** Flags end at the first positional argument (`run`, `exec`): what follows belongs to the contained command. */
  readonly stopAtFirstArgument?: boolean;
  /** All that follows the command belongs to another program, flags too; `--help` shows the command's own help before that program's. */
  readonly passesArguments?: boolean;
  /** Left out of help. */
  readonly hidden?: boolean;
  /**
   * Whether the command touches the store or container state and so must run inside the rootless user namespace.
   * The one place where this is said; default true. Ignored for uid 0 with full capabilities.
   */
  readonly needsUserNamespace?: boolean;
  /** Does the deed and prints through `out`; the number is the exit code, undefined means 0. */
  run(invocation: Invocation<FlagValues<Flags>>): Promise<number | undefined> | number | undefined;
}

/** A word that only holds subcommands, such as `podman image`. */
export interface CommandGroup {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly hidden?: boolean;
  /** Name → loader, so that a command's module is loaded only when it is called. Order is the order of help. */
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

/** What a parent knows of a command before its module is loaded. `group`s nest. */
export type CommandEntry =
  | {
      readonly summary: string;
      readonly aliases?: readonly string[];
      readonly hidden?: boolean;
      /** Loads the module that default-exports or otherwise yields the definition. */
      load(): Promise<CommandDefinition<never> | CommandDefinition>;
    }
  | { readonly group: CommandGroup };

export interface Invocation<Values> {
  readonly flags: Readonly<Values>;
  readonly args: readonly string[];
  /** Values of the program's global flags (`--root`, `--log-level`), by camelCase name. */
  readonly globals: Readonly<Record<string, unknown>>;
  /** True when the flag stood on the command line (`--rm=false` counts). */
  given(flag: string): boolean;
  /** `podman container pause`: for messages. */
  readonly commandPath: string;
  readonly out: Output;
}

/** Where commands print. Synchronous writes: a full pipe blocks, EPIPE ends the command quietly. */
export interface Output {
  stdout(text: string | Uint8Array): void;
  stderr(text: string | Uint8Array): void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * How a flag's text becomes a value, as pflag has it:
 * `bool` also takes `=true|false|1|0|t|f`; `stringArray` keeps every occurrence whole; `stringSlice` also splits at
 * commas (CSV quoting); `duration` is Go's (`1h2m3s`, result in milliseconds); `bytes` takes docker units (`512m`, result in
 * bytes); `count` counts occurrences; `optionalString` may stand without `=value` and then means `noValue`.
 */
export type FlagType =
  | "bool"
  | "string"
  | "optionalString"
  | "int"
  | "uint"
  | "float"
  | "duration"
  | "bytes"
  | "stringArray"
  | "stringSlice"
  | "count";

export interface FlagDefinition {
  readonly type: FlagType;
  /** One letter. */
  readonly short?: string;
  readonly description: string;
  readonly default?: string | number | boolean | readonly string[];
  /** What help shows as the default where that is a matter of configuration; asked for by help alone. */
  readonly configuredDefault?: () => string | number | undefined;
  /** What help calls the value; by default the type's name. */
  readonly valueName?: string;
  /** For `optionalString`: the value of a bare `--flag`. */
  readonly noValue?: string;
  /** Other spellings, hidden: `--net` for `--network`. */
  readonly aliases?: readonly string[];
  readonly hidden?: boolean;
  /** Refuses a value, with a message that says what is allowed; called for each occurrence of list flags. */
  readonly validate?: (value: string) => string | undefined;
  /** The allowed values, when it is a choice. */
  readonly choices?: readonly string[];
}

export type FlagSet = Readonly<Record<string, FlagDefinition>>;

type Kebab<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Kebab<Tail>>}` : S;

type ValueOf<F extends FlagDefinition> = F["type"] extends "bool"
  ? boolean
  : F["type"] extends "stringArray" | "stringSlice"
    ? readonly string[]
    : F["type"] extends "count"
      ? number
      : F["type"] extends "int" | "uint" | "float" | "duration" | "bytes"
        ? F extends { default: number }
          ? number
          : number | undefined
        : F extends { default: string }
          ? string
          : string | undefined;

/** Flag names (kebab-case) become camelCase keys; a bool is always a boolean, a list always an array. */
export type FlagValues<Flags extends FlagSet> = { readonly [K in keyof Flags & string as Kebab<K>]: ValueOf<Flags[K]> };

/** Keeps the literal types of the flags: `defineCommand({ name: "pause", flags: { all: { type: "bool", … } }, run … })`. */
export function defineCommand<const Flags extends FlagSet>(definition: CommandDefinition<Flags>): CommandDefinition<Flags> {
  return definition;
}

/** Keeps the literal types of a group of flags shared by several commands. */
export function defineFlags<const Flags extends FlagSet>(flags: Flags): Flags {
  return flags;
}
