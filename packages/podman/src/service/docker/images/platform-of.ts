import { ToolError } from "@containers/common/errors/tool-error";

/** What an image is to be made for, as far as it is said. */
interface NamedPlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** A pull's platform, which the original does not look at closely. */
export function splitPlatform(text: string | undefined): NamedPlatform | undefined {
  if (text === undefined || text === "") return undefined;
  const [os = "", architecture, variant] = text.split("/");
  return { os, ...(architecture ? { architecture } : {}), ...(variant ? { variant } : {}) };
}

const SYSTEMS = /^(aix|android|darwin|dragonfly|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris|wasip1|windows|zos)$/;
const ARCHITECTURES =
  /^(386|amd64|arm|arm64|loong64|mips|mips64|mips64le|mipsle|ppc64|ppc64le|riscv64|s390x|wasm|x86_64|x86-64|aarch64|i386|armhf|armel)$/;

/**
 * `linux/arm64/v8`, `linux` or `arm64` of a request; undefined for no text.
 * @throws ToolError invalid-argument for what is none, in the original's words
 */
export function platformOf(text: string | undefined): NamedPlatform | undefined {
  if (text === undefined || text === "") return undefined;
  const [first = "", architecture, variant, ...rest] = text.split("/");
  const refuse = (why: string): never => {
    const quoted = JSON.stringify(text);
    throw new ToolError("invalid-argument", `invalid platform syntax for --platform=${quoted}: ${quoted}: ${why}: invalid argument`);
  };
  if (rest.length > 0) return refuse("cannot parse platform specifier");
  if (architecture !== undefined) return { os: first, architecture, ...(variant === undefined ? {} : { variant }) };
  if (SYSTEMS.test(first.toLowerCase())) return { os: first };
  if (ARCHITECTURES.test(first.toLowerCase())) return { os: "linux", architecture: first };
  return refuse("unknown operating system or architecture");
}
