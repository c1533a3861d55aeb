/** `log-level` → `logLevel`, `no_hosts` → `noHosts`. Without a pattern: it runs for every flag and key that there is, in every command. */
export function camelCase(name: string, separator: "-" | "_" = "-"): string {
  let result = name;
  for (let at = result.indexOf(separator); at !== -1 && at + 1 < result.length; at = result.indexOf(separator, at + 1))
    result = result.slice(0, at) + result.charAt(at + 1).toUpperCase() + result.slice(at + 2);
  return result;
}
