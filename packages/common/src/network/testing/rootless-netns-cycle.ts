/**
 * A rootless network namespace whose users were killed at some step, as a program for the test to start in network and mount namespaces of its own. In
 * pasta's place stands a program that only waits. Prints for each case whether the namespace, its files and its programs were there afterwards.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { findProcesses } from "../../process/find-processes.ts";
import { requireHelper } from "../helper-program.ts";
import { isNetns, removeNetns } from "../netns.ts";
import { rootlessNetns } from "../rootless-netns/rootless-netns.ts";

const directory = process.argv[2] ?? "";
const programs = `${directory}/programs`;
const place = `${directory}/rootless-netns`;
const path = `${place}/rootless-netns`;
mkdirSync("/run/netns", { recursive: true });
mkdirSync(programs);
writeFileSync(
  `${programs}/pasta`,
  `#!/bin/bash
if [ -n "$SERVES" ]; then exec 3<>"$0.never"; read -r -u 3; exit; fi
for word; do [ "$before" = --pid ] && file=$word; before=$word; done
[ -e "$0.never" ] || mkfifo "$0.never"
SERVES=1 "$0" "$@" </dev/null >/dev/null 2>&1 &
echo $! >"$file"
`,
  { mode: 0o755 },
);

let users = 0;
const namespace = rootlessNetns(directory, { program: "pasta", helperDirs: [programs], users: () => users });
const nothing = async (): Promise<void> => undefined;
const serving = () => findProcesses((argv) => argv.includes(`${programs}/pasta`) && argv.includes(path));
const count = () => readFileSync(`${place}/ref-count`, "utf8");

/** Waits for programs that were told to end. */
async function look(): Promise<object> {
  for (const limit = Date.now() + 10_000; existsSync(place) === false && serving().length > 0 && Date.now() < limit; ) await Bun.sleep(10);
  return { namespace: isNetns(path), files: existsSync(place), programs: serving().length };
}

async function startSession() {
  const session = spawn(requireHelper("nsenter"), [`--net=${path}`, "sh", "-c", "echo in; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise((resolve) => session.stdout.once("data", resolve));
  return session;
}

const seen: Record<string, unknown> = {};

await namespace.use(nothing);
namespace.joined(2);
seen["in use"] = await look();
users = 1;
namespace.left(2);
seen["left, but another that was killed before it was counted lives"] = { ...(await look()), count: count() };
users = 0;
namespace.left(1);
seen["left"] = await look();

await namespace.use(nothing);
namespace.joined(3);
namespace.left(1);
seen["left by the only one, others were killed after they were counted"] = await look();

await namespace.use(nothing);
namespace.left(0);
seen["made by one who was killed before it was counted"] = await look();

await namespace.use(nothing);
namespace.joined(1);
removeNetns(path);
namespace.left(0);
seen["removal was cut off after the namespace"] = await look();

await namespace.use(nothing);
rmSync(`${place}/resolv.conf`);
rmSync(`${place}/rootless-netns-conn.pid`);
await namespace.use(nothing);
seen["connecting was cut off, and done again"] = await look();

const session = await startSession();
namespace.left(0);
seen["a session is in it"] = await look();
const ended = new Promise((resolve) => session.once("exit", resolve));
session.kill();
await ended;
namespace.left(1);
seen["the session has ended"] = await look();

console.log(JSON.stringify(seen));
