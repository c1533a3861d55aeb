import { writeFileSync } from "node:fs";
import { packContext } from "@containers/buildah/index";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryConfigHeader } from "../registry-headers.ts";
import { jsonLines, type Service } from "../service.ts";
import { record, text } from "../wire.ts";
import { contextBody, namedContexts } from "./build-contexts.ts";
import { buildQuery, list, refuseOthers } from "./build-query.ts";
import { resolveSecrets } from "./build-secrets.ts";

type Flags = Readonly<Record<string, unknown>>;

export interface RemoteBuild {
  /** Values of the build's flags by camelCase name, and which stood on the command line. */
  readonly flags: Flags;
  given(flag: string): boolean;
  /** All flags of the command, by their names. */
  readonly names: readonly string[];
  readonly context: string | undefined;
  readonly access: RegistryAccess;
  /** Takes the build's output. */
  write(text: string): void;
}

/** Sends the context to the service, which builds the image; gives its id. @throws ToolError with the service's reason */
export async function buildImage(service: Service, build: RemoteBuild): Promise<string> {
  const { flags } = build;
  refuseOthers(build);
  const ignoreFile = optionalText(flags["ignorefile"]);
  const secrets = resolveSecrets(list(flags["secret"]));
  const contexts = namedContexts(list(flags["buildContext"]));
  const packed = await packContext(build.context, {
    files: list(flags["file"]),
    extra: secrets.files,
    ...(ignoreFile === undefined ? {} : { ignoreFile }),
  }).catch((error: unknown) => {
    secrets.close();
    throw error;
  });
  try {
    const { stream, contentType } = contextBody(packed.stream, contexts.local);
    const response = await service.request("POST", "/build", {
      query: {
        ...buildQuery(build),
        dockerfile: JSON.stringify(packed.containerfiles),
        additionalbuildcontexts: contexts.named,
        ...(secrets.flags.length === 0 ? {} : { secrets: JSON.stringify(secrets.flags) }),
      },
      body: stream,
      headers: { "content-type": contentType, ...registryConfigHeader(build.access) },
    });
    const id = await followBuild(jsonLines(response), build.write);
    const iidFile = optionalText(flags["iidfile"]);
    if (iidFile !== undefined) writeFileSync(iidFile, `sha256:${id}`);
    return id;
  } finally {
    packed.close();
    secrets.close();
  }
}

/** Passes the output on; the last thing that looks like an id is the image's. */
async function followBuild(lines: AsyncIterable<unknown>, write: (text: string) => void): Promise<string> {
  let id = "";
  for await (const line of lines) {
    const report = record(line);
    const failure = text(report["error"]) || text(record(report["errorDetail"])["message"]);
    if (failure !== "") throw buildFailure(failure);
    const said = text(report["stream"]);
    if (said !== "") write(said);
    if (/^[0-9a-f]{64}\s*$/.test(said)) id = said.trim();
  }
  if (id === "") throw new ToolError("internal", "the service ended the build without an image");
  return id;
}

/** A command that failed gives the build its exit code. */
function buildFailure(message: string): ToolError {
  const status = /exit status (\d+)\s*$/.exec(message)?.[1];
  return new ToolError("internal", message, { verbatim: true, ...(status === undefined ? {} : { exitCode: Number(status) }) });
}

function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
