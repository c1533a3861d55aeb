import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * Every mount, process and container of a runtime that still belongs to a world, one line each. A monitor ends by itself a moment after
 * its container was removed, and a loaded machine makes that moment longer: what goes within half a minute is no leak.
 */
export async function findLeaks(directory: string): Promise<string[]> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const leaks = leaksNow(directory);
    if (leaks.length === 0) return leaks;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return leaksNow(directory);
}

function leaksNow(directory: string): string[] {
  const leaks: string[] = [];
  for (const target of mountsBelow(directory)) {
    // The driver's directory is bind-mounted on itself while a store is open; the original leaves that as well.
    if (/\/graph\d*\/overlay$/.test(target)) continue;
    leaks.push(`mount ${target}`);
  }
  for (const file of runtimeStates()) if (read(file).includes(`${directory}/`)) leaks.push(`runtime state ${file}`);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const commandLine = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    if (commandLine.includes(`${directory}/`) && Number(pid) !== process.pid) leaks.push(`process ${pid}: ${commandLine.slice(0, 200)}`);
  }
  return leaks;
}

/** What crun and runc, as root, keep of their containers. */
function runtimeStates(): string[] {
  return [
    ["/run/crun", "status"],
    ["/run/runc", "state.json"],
  ].flatMap(([directory = "", file = ""]) =>
    existsSync(directory) ? readdirSync(directory).map((id) => `${directory}/${id}/${file}`) : [],
  );
}

/** Takes down what is mounted below a directory, innermost first, so that it can be removed. */
export function unmountBelow(directory: string): void {
  for (const target of mountsBelow(directory).reverse()) {
    // A failure shows itself when the directory is removed after this.
    spawnSync("umount", ["-l", target], { stdio: "ignore" });
  }
}

function mountsBelow(directory: string): string[] {
  return read("/proc/self/mountinfo")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " "))
    .filter((target) => target.startsWith(`${directory}/`));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
