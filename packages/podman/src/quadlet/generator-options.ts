export interface GeneratorOptions {
  readonly verbose: boolean;
  readonly noKmsg: boolean;
  readonly user: boolean;
  readonly dryRun: boolean;
  readonly version: boolean;
  /** Where services go: the first of the directories that systemd names. */
  readonly output?: string;
}

const FLAGS: Readonly<Record<string, readonly [key: keyof GeneratorOptions, help: string]>> = {
  dryrun: ["dryRun", "Run in dryrun mode printing debug information"],
  "no-kmsg-log": ["noKmsg", "Don't log to kmsg"],
  user: ["user", "Run as systemd user"],
  v: ["verbose", "Print debug information"],
  version: ["version", "Print version information and exit"],
};

/** The command line: flags with one dash or two, then directories. A text says what is wrong; an empty one that help was asked for. */
export function parseGeneratorOptions(argv: readonly string[]): GeneratorOptions | string {
  const values = { verbose: false, noKmsg: false, user: false, dryRun: false, version: false };
  for (const [index, argument] of argv.entries()) {
    const [, name, value] = /^--?([^-=][^=]*)(?:=(.*))?$/.exec(argument) ?? [];
    if (name === undefined) return finish(values, argument === "--" ? argv[index + 1] : argument);
    if (name === "h" || name === "help") return "";
    const flag = FLAGS[name];
    if (flag === undefined) return `flag provided but not defined: -${name}`;
    if (value !== undefined && !/^(1|t|true|0|f|false)$/i.test(value)) return `invalid boolean value "${value}" for -${name}: parse error`;
    Object.assign(values, { [flag[0]]: value === undefined || /^(1|t|true)$/i.test(value) });
  }
  return finish(values, undefined);
}

function finish(values: Omit<GeneratorOptions, "output">, output: string | undefined): GeneratorOptions {
  return output === undefined ? values : { ...values, output };
}

export function generatorUsage(argv0: string): string {
  return `Usage of ${argv0}:\n${Object.entries(FLAGS)
    .map(([name, [, help]]) => `  -${name}\t${help}\n`)
    .join("")}`;
}
