import { ToolError } from "../errors/tool-error.ts";

type Check = (value: string) => string | undefined;

const number =
  (name: string, maximum = 2 ** 32 - 1): Check =>
  (value) => {
    if (!/^\d+$/.test(value)) return `strconv.Atoi: parsing "${value}": invalid syntax`;
    return Number(value) <= maximum ? undefined : `invalid ${name} ${value}`;
  };

const BOOLEAN = /^(1|0|t|f|true|false)$/i;

const boolean =
  (name: string, ...more: string[]): Check =>
  (value) =>
    BOOLEAN.test(value) || more.includes(value)
      ? undefined
      : `failed to parse ${name} option: strconv.ParseBool: parsing "${value}": invalid syntax`;

const oneOf =
  (name: string, ...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : `unknown ${name} "${value}"`;

const any: Check = () => undefined;

/** `-o KEY=VALUE` per driver, with what netavark takes. */
const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  bridge: {
    mtu: number("mtu"),
    vlan: number("vlan ID", 4094),
    isolate: boolean("isolate", "strict"),
    metric: number("metric"),
    no_default_route: boolean("no_default_route"),
    vrf: any,
    mode: oneOf("bridge mode", "managed", "unmanaged"),
    "com.docker.network.bridge.name": any,
    "com.docker.network.driver.mtu": number("mtu"),
    host_interface_name: any,
    outbound_addr4: any,
    outbound_addr6: any,
  },
  macvlan: {
    mtu: number("mtu"),
    metric: number("metric"),
    no_default_route: boolean("no_default_route"),
    bclim: any,
    mode: oneOf("macvlan mode", "bridge", "private", "vepa", "passthru"),
    parent: any,
  },
  ipvlan: {
    mtu: number("mtu"),
    metric: number("metric"),
    no_default_route: boolean("no_default_route"),
    mode: oneOf("ipvlan mode", "l2", "l3", "l3s"),
    parent: any,
  },
};

/** Refuses options that the driver does not have; those of plugins are theirs to judge. */
export function checkNetworkOptions(driver: string, options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const checks = CHECKS[driver];
  if (checks === undefined) return options;
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw new ToolError("invalid-argument", `unsupported ${driver} network option ${key}`);
    const problem = check(value);
    if (problem !== undefined) throw new ToolError("invalid-argument", problem);
  }
  return options;
}
