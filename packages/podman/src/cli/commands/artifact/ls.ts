import { defineCommand } from "@containers/common/cli/define-command";
import { digestHex } from "@containers/common/digest/digest";
import { formatRows } from "@containers/common/report/format";
import { renderTable } from "@containers/common/report/table";
import { humanAgo, humanSize } from "@containers/common/report/units";
import { type Artifact, artifactStore, CREATED, listArtifacts, repositoryOf } from "@containers/image/artifacts/artifact-store";
import { onSide } from "../../on-side.ts";

/** `podman artifact ls`. */
export const artifactLsCommand = defineCommand({
  name: "ls",
  aliases: ["list"],
  summary: "List OCI artifacts",
  description: "Lists the OCI artifacts of the local store.",
  examples: ["podman artifact ls"],
  flags: {
    format: { type: "string", description: "Print as JSON or through a Go template" },
    "no-trunc": { type: "bool", description: "Print digests whole" },
    noheading: { type: "bool", short: "n", description: "Leave the headings out" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    const artifacts = await onSide<readonly Artifact[], typeof flags>(invocation, {
      local: ({ store }) => listArtifacts(artifactStore(store.graphRoot)),
      remote: async (service) => (await import("../../../remote/artifacts/deeds.ts")).listArtifacts(service),
    });
    const rows = artifacts.map((artifact) => row(artifact, flags.noTrunc));
    if (given("format"))
      out.stdout(formatRows(flags.format ?? "", rows, { noHeading: flags.noheading, name: "list", json: rows.map(shortRow) }));
    else {
      out.stdout(
        renderTable(
          flags.noheading ? undefined : ["REPOSITORY", "TAG", "DIGEST", "CREATED", "SIZE"],
          rows.map(({ Repository, Tag, Digest, Created, Size }) => [Repository, Tag, Digest, Created, Size]),
        ),
      );
    }
    return undefined;
  },
});

/** What `{{json .}}` prints. */
function shortRow({ Digest, Repository, Size, Tag, VirtualSize }: ReturnType<typeof row>): object {
  return { Digest, Repository, Size, Tag, VirtualSize };
}

function row({ name, digest, size, manifest }: Artifact, whole: boolean) {
  const created = manifest.annotations?.[CREATED];
  const repository = repositoryOf(name);
  const hex = digestHex(digest);
  return {
    Repository: repository,
    Tag: name.slice(repository.length).replace(/@.*$/, "").slice(1),
    Digest: whole ? hex : hex.slice(0, 12),
    Created: created === undefined ? "" : humanAgo(new Date(created)),
    CreatedAt: created === undefined ? "" : created.replace("T", " ").replace("Z", " +0000 UTC"),
    Size: humanSize(size),
    VirtualSize: String(size),
  };
}
