import { isTerminal } from "@containers/common/cli/output";
import { loadContainersConf } from "@containers/common/config/containers-conf";

/**
 * The command line that the program stands for as `podmansh`, somebody's login shell (podmansh(1)): a shell in the container that containers.conf
 * names, which is waited for. `argv` is what the login program hands to a shell.
 */
export function podmanshCommand(argv: readonly string[], config = loadContainersConf()): string[] {
  const { shell, container, timeout } = config.podmansh;
  const seconds = timeout === 0 ? config.engine.podmanshTimeout : timeout;
  const terminal = [0, 1, 2].some(isTerminal) ? ["-t"] : [];
  return ["exec", "-i", "--wait", String(seconds), ...terminal, container, shell, ...argv];
}
