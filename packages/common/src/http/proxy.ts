/**
 * The proxy for a URL as HTTP_PROXY, HTTPS_PROXY and NO_PROXY (either case) say, "" for none. Loopback is never
 * proxied, as in the original tools.
 */
export function proxyFor(url: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const target = new URL(url);
  const proxy = target.protocol === "https:" ? (env["HTTPS_PROXY"] ?? env["https_proxy"]) : (env["HTTP_PROXY"] ?? env["http_proxy"]);
  if (proxy === undefined || proxy === "") return "";
  const host = target.hostname.replace(/^\[|\]$/g, "");
  if (isLoopback(host)) return "";
  const port = target.port !== "" ? target.port : target.protocol === "https:" ? "443" : "80";
  const exceptions = (env["NO_PROXY"] ?? env["no_proxy"] ?? "").split(",").map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => matchesException(entry, host, port))) return "";
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

function matchesException(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return matchesRange(entry, host);
  const withPort = /^(.*):(\d+)$/.exec(entry);
  const name = withPort === null || entry.split(":").length > 2 ? entry : (withPort[1] ?? "");
  if (withPort !== null && name !== entry && withPort[2] !== port) return false;
  const suffix = name.replace(/^\*?\.?/, "");
  return host === suffix ? !name.startsWith(".") : host.endsWith(`.${suffix}`);
}

/** IPv4 CIDR ranges, which Go accepts in NO_PROXY. */
function matchesRange(entry: string, host: string): boolean {
  const [base = "", bits = ""] = entry.split("/");
  const from = ipv4Number(base);
  const at = ipv4Number(host);
  const length = Number(bits);
  if (from === undefined || at === undefined || !(length >= 0 && length <= 32)) return false;
  const span = 2 ** (32 - length);
  return Math.floor(from / span) === Math.floor(at / span);
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
