import { ToolError } from "../errors/tool-error.ts";

/** Checks a value and gives it as netavark reads it. */
type Check = (value: string) => string;

const UINT32 = 2 ** 32 - 1;

/** A number that may be left empty, which means the driver's own. */
const count = (describe: (value: string) => string, maximum = UINT32): Check => {
  return (value) => {
    if (value === "") return value;
    if (!/^[+-]?\d+$/.test(value)) throw invalid(`strconv.Atoi: parsing "${value}": invalid syntax`);
    if (Number(value) < 0 || Number(value) > maximum) throw invalid(describe(value));
    return value;
  };
};

const mtu = count((value) => `mtu ${value} is less than zero`, Number.MAX_SAFE_INTEGER);
const vlan = count((value) => `vlan ID ${value} must be between 0 and 4094`, 4094);

const metric: Check = (value) => {
  if (!/^\d+$/.test(value)) throw invalid(`strconv.ParseUint: parsing "${value}": invalid syntax`);
  if (Number(value) > UINT32) throw invalid(`strconv.ParseUint: parsing "${value}": value out of range`);
  return value;
};

const bclim: Check = (value) => {
  if (!/^[+-]?\d+$/.test(value)) throw invalid(`failed to parse "bclim" option: strconv.ParseInt: parsing "${value}": invalid syntax`);
  return value;
};

function boolean(value: string, context = ""): string {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return "true";
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return "false";
  throw invalid(`${context}strconv.ParseBool: parsing "${value}": invalid syntax`);
}

const noDefaultRoute: Check = (value) => boolean(value);

const isolate: Check = (value) => {
  if (value === "") return "false";
  if (value === "strict") return value;
  return boolean(value, "failed to parse isolate option: ");
};

const vrf: Check = (value) => {
  if (value === "") throw invalid("invalid vrf name");
  return value;
};

const oneOf =
  (name: string, ...allowed: string[]): Check =>
  (value) => {
    if (!allowed.includes(value)) throw invalid(`unknown ${name} "${value}"`);
    return value;
  };

const any: Check = (value) => value;

/** `-o KEY=VALUE` per driver, with what netavark takes. */
const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  bridge: {
    mtu,
    vlan,
    isolate,
    metric,
    no_default_route: noDefaultRoute,
    vrf,
    mode: oneOf("bridge mode", "managed", "unmanaged"),
    host_interface_name: any,
    outbound_addr4: any,
    outbound_addr6: any,
  },
  macvlan: {
    mtu,
    metric,
    no_default_route: noDefaultRoute,
    bclim,
    mode: oneOf("macvlan mode", "bridge", "private", "vepa", "passthru"),
  },
  ipvlan: {
    mtu,
    metric,
    no_default_route: noDefaultRoute,
    mode: oneOf("ipvlan mode", "l2", "l3", "l3s"),
  },
};

/**
 * Options as netavark reads them. Those that the driver does not have are refused; those of plugins are theirs to judge.
 * @throws invalid-argument
 */
export function checkNetworkOptions(driver: string, options: Readonly<Record<string, string>>): Record<string, string> {
  const checks = CHECKS[driver];
  if (checks === undefined) return { ...options };
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
      if (check === undefined) throw invalid(`unsupported ${driver} network option ${key}`);
      return [key, check(value)];
    }),
  );
}

/** Options that say by another name, or in Docker's words, what the definition has a place for. */
export function settleOptionNames(driver: string, options: Readonly<Record<string, string>>) {
  const { parent, "com.docker.network.bridge.name": bridge, "com.docker.network.driver.mtu": dockerMtu, ...rest } = options;
  if (driver === "bridge") {
    const given = parent === undefined ? rest : { ...rest, parent };
    return { networkInterface: bridge, options: dockerMtu === undefined ? given : { ...given, mtu: dockerMtu } };
  }
  if (driver !== "macvlan" && driver !== "ipvlan") return { networkInterface: undefined, options };
  const { parent: _, ...others } = options;
  return { networkInterface: parent, options: others };
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
