import { ToolError } from "@containers/common/errors/tool-error";

/** One end of `image scp`. */
export interface ImageLocation {
  /** Another machine: a connection's name, or `[user@]host[:port][/socket]`. */
  readonly host?: string;
  /** Another user of this machine (`USER@localhost::`). */
  readonly user?: string;
  /** Empty when only the place was named. */
  readonly image: string;
}

export interface ImageTransfer {
  readonly from: ImageLocation;
  /** Without a place it is this user's store. Its `image` is a further name to give there. */
  readonly to: ImageLocation;
}

/**
 * Reads `IMAGE`, `HOST::IMAGE`, `HOST::`, `USER@localhost::IMAGE` and pairs them up.
 *
 * @throws ToolError invalid-argument when no image is named, or an image is to go where it is
 */
export function parseTransfer(source: string, destination: string | undefined): ImageTransfer {
  const from = parseLocation(source);
  if (from.image === "") {
    throw new ToolError("invalid-argument", destination === undefined ? "no source image specified" : "a source image must be specified");
  }
  if (destination !== undefined) return { from, to: parseLocation(destination) };
  if (from.host === undefined && from.user === undefined) throw new ToolError("invalid-argument", "must specify a destination");
  return { from, to: { image: "" } };
}

function parseLocation(text: string): ImageLocation {
  const separator = text.indexOf("::");
  const image = separator === -1 ? text : text.slice(separator + 2);
  // It becomes an argument of other commands.
  if (image.startsWith("-")) throw new ToolError("invalid-argument", `invalid image name ${JSON.stringify(image)}`);
  if (separator === -1) return { image };
  const place = text.slice(0, separator);
  const user = /^(.*)@localhost$/.exec(place)?.[1];
  if (place === "" || user === "") throw new ToolError("invalid-argument", `${JSON.stringify(text)} names neither a host nor a user`);
  return user === undefined ? { host: place, image } : { user, image };
}
