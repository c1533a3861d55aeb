import { readFileSync } from "node:fs";

/**
 * IPv4 addresses that this network namespace has. Node's list leaves out those of bridges to which nothing is connected at the moment; the kernel's table of
 * routes (proc_pid_net(5), `fib_trie`) has them. Empty where it cannot be read.
 */
export function localAddresses(): readonly string[] {
  try {
    return parseLocalAddresses(readFileSync("/proc/self/net/fib_trie", "utf8"));
  } catch {
    return [];
  }
}

/** The leaves that are marked as local, each once, without loopback's. */
export function parseLocalAddresses(trie: string): readonly string[] {
  const found = [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = ""]) => address);
  return [...new Set(found)].filter((address) => !address.startsWith("127."));
}
