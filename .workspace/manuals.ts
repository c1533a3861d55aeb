/**
 * `bun .workspace/manuals.ts DIRECTORY`: manual pages (section 1) of every command of the four tools, made out of the definitions that the command
 * lines are read by; and a link `docker-*` for each of podman's.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildahProgram } from "../packages/buildah/src/cli/program.ts";
import { exitStatus } from "../packages/common/src/cli/manual/exit-status.ts";
import { type ManualPage, manualPage, manualPages } from "../packages/common/src/cli/manual/manual-pages.ts";
import { bold, roffItem } from "../packages/common/src/cli/manual/roff.ts";
import { helpText } from "../packages/conmon/src/options.ts";
import { podmanProgram } from "../packages/podman/src/cli/program.ts";
import { skopeoProgram } from "../packages/skopeo/src/cli/program.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: manuals.ts DIRECTORY");
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const podman = await manualPages(podmanProgram);
const docker = podman.map(({ name }) => ({ name: name.replace(/^podman/, "docker"), text: `.so man1/${name}\n` }));
const pages = [...podman, ...docker, ...(await manualPages(buildahProgram)), ...(await manualPages(skopeoProgram)), conmonPage()];
for (const { name, text } of pages) writeFileSync(join(directory, name), text);

/** conmon's options are a table of its own, of which its help shows all. */
function conmonPage(): ManualPage {
  const options = [...helpText().matchAll(/^ {2}(?:(-\S), )?(--\S+)\s+(.*)$/gm)];
  return manualPage({
    path: ["conmon"],
    summary: "watches one container",
    synopsis: `${bold("conmon")} [options]`,
    description:
      "Started by podman beside each container: starts the OCI runtime, holds the container's standard streams or terminal, writes its log, " +
      "lets clients attach, and leaves the exit code where podman looks for it. Not meant to be called by hand.",
    sections: [
      [
        "OPTIONS",
        options.map(([, short, long = "", text = ""]) => roffItem(bold(short === undefined ? long : `${short}, ${long}`), text)).join("\n"),
      ],
      ["EXIT STATUS", exitStatus("conmon", "")],
    ],
    seeAlso: ["podman"],
  });
}
