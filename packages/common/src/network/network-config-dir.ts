/** Where definitions are kept: root's are the host's, an ordinary user's belong to the store. */
export function networkConfigDir(options: {
  readonly rootless: boolean;
  readonly graphRoot: string;
  /** network_config_dir or --network-config-dir. */
  readonly configDir?: string;
}): string {
  if (options.configDir !== undefined && options.configDir !== "") return options.configDir;
  return options.rootless ? `${options.graphRoot}/networks` : "/etc/containers/networks";
}
