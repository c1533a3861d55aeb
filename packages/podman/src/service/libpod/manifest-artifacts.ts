import { createWriteStream, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { addArtifactToList } from "@containers/image/manifest-lists/add-artifact";
import { annotateEntry, type EntryChanges } from "@containers/image/manifest-lists/annotate";
import { attachmentDirectory } from "@containers/image/manifest-lists/list-record";
import { HttpError } from "../errors-to-http.ts";
import type { Part } from "../http/multipart.ts";
import { type Refusal, readJson } from "./answers.ts";
import { type Modification, modification } from "./manifest-changes.ts";

/** What is to be changed, of a form that brings files besides. */
export async function readFirstPart(parts: AsyncGenerator<Part>, refusal: Refusal): Promise<Modification> {
  // Not a loop: leaving one would end the reading of the form.
  const first = await parts.next();
  if (first.done === true) throw new HttpError(500, "reading first part of multipart request: EOF", { because: "EOF" });
  return readJson({ body: first.value.content }, modification, refusal);
}

/**
 * Makes an artifact of the files that the rest of a form brings and adds it to the list; they are kept beside the list's record and go with it.
 *
 * @returns the paths of the files
 */
export async function addUploadedArtifact(
  images: LocalImages,
  list: { readonly id: string; readonly body: Modification; readonly changes: EntryChanges },
  parts: AsyncGenerator<Part>,
): Promise<readonly string[]> {
  const { id, body, changes } = list;
  const directory = attachmentDirectory(images.store, id);
  try {
    const files: string[] = [];
    for await (const part of parts) files.push(await writePart(directory, part, files.length));
    if (files.length === 0) throw new HttpError(400, "manifest add artifact requires at least one file");
    const digest = await addArtifactToList(images, id, files, {
      ...(body.artifact_type === undefined ? {} : { type: body.artifact_type }),
      ...(body.artifact_config ? { config: Buffer.from(body.artifact_config) } : {}),
      configType: body.artifact_config_type,
      layerType: body.artifact_layer_type,
      excludeTitles: body.artifact_exclude_titles,
      annotations: body.artifact_annotations,
      subject: body.artifact_subject,
    });
    await annotateEntry(images, id, digest, changes);
    return files;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Only the last part of a file's name counts: it comes from the client. A name that was there before is refused. */
async function writePart(directory: string, { name, fileName, content }: Part, index: number): Promise<string> {
  const given = basename(fileName || name);
  const path = join(directory, given === "" || given === "." || given === ".." ? `upload${index}` : given);
  await pipeline(content, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  return path;
}
