import { dirname, isAbsolute, join, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { addCommand, addLine, addWord, prependLine, removeLines, renameSection, setLine, type UnitFile } from "../../systemd/unit-file.ts";
import {
  allValues,
  argumentValues,
  booleanValue,
  givenValue,
  keysOf,
  lastValue,
  listValues,
  pairValues,
} from "../../systemd/unit-values.ts";
import { extensionOf, type QuadletKind, quadletKinds } from "../kinds.ts";
import type { QuadletNames } from "../unit-names.ts";

/** What the translation of one unit needs to know of the rest. */
export interface TranslateContext {
  /** By file name: `data.volume`. */
  readonly names: ReadonlyMap<string, QuadletNames>;
  /** Containers that ask to be started with a pod, by the pod's file name: their services. */
  readonly podMembers: Map<string, string[]>;
  /** For a user's manager. */
  readonly user: boolean;
  /** The executable that the services call. */
  readonly podman: string;
  readonly warn: (text: string) => void;
  readonly exists: (path: string) => boolean;
}

/** The service that a quadlet becomes. */
export interface Translation {
  readonly service: UnitFile;
  /** What the service makes is called so; absent where it was known before. */
  readonly resource?: string;
}

const DEPENDENCIES =
  `After Before BindsTo Conflicts OnFailure OnSuccess PartOf PropagatesReloadTo PropagatesStopTo ReloadPropagatedFrom Requires
  Requisite StopPropagatedFrom Upholds Wants`.split(/\s+/);

/** A service in the making, beside the quadlet that it is made of. */
export class ServiceDraft {
  readonly unit: UnitFile;
  readonly context: TranslateContext;
  readonly section: string;
  #service: UnitFile;

  constructor(unit: UnitFile, kind: QuadletKind, context: TranslateContext) {
    this.unit = unit;
    this.context = context;
    this.section = kind.section;
    refuseUnknownKeys(unit, kind.section, kind.keys);
    refuseUnknownKeys(unit, "Quadlet", new Set(["DefaultDependencies"]));
    const service = translateDependencies(unit, context);
    this.#service = { ...service, name: context.names.get(unit.name)?.serviceFile ?? "", path: "" };
    this.#addDefaults(kind);
  }

  #addDefaults(kind: QuadletKind): void {
    if (booleanValue(this.unit, "Quadlet", "DefaultDependencies") !== false) {
      // A user's manager has no network-online.target: a unit of ours waits for the system's.
      const online = this.context.user ? "podman-user-wait-network-online.service" : "network-online.target";
      this.#service = prependLine(this.#service, "Unit", ["After", online]);
      this.#service = prependLine(this.#service, "Unit", ["Wants", online]);
    }
    if (this.unit.path !== "") this.add("Unit", "SourcePath", this.unit.path);
    this.add("Unit", "RequiresMountsFor", "%t/containers");
    this.#service = renameSection(this.#service, kind.section, `X-${kind.section}`);
    this.#service = renameSection(this.#service, "Quadlet", "X-Quadlet");
  }

  get service(): UnitFile {
    return this.#service;
  }

  /** The quadlet's own values: of its section. */
  value(key: string): string | undefined {
    return lastValue(this.unit, this.section, key);
  }
  given(key: string): string | undefined {
    return givenValue(this.unit, this.section, key);
  }
  flag(key: string): boolean | undefined {
    return booleanValue(this.unit, this.section, key);
  }
  all(key: string): string[] {
    return allValues(this.unit, this.section, key);
  }
  list(key: string): string[] {
    return listValues(this.unit, this.section, key);
  }
  words(key: string): string[] {
    return argumentValues(this.unit, this.section, key);
  }
  pairs(key: string): string[] {
    return pairValues(this.unit, [this.section, key], this.context.warn);
  }

  /** What the service says so far. */
  serviceValue(key: string): string | undefined {
    return lastValue(this.#service, "Service", key);
  }
  add(section: string, key: string, value: string): void {
    this.#service = addLine(this.#service, section, [key, value]);
  }
  addWord(section: string, key: string, word: string): void {
    this.#service = addWord(this.#service, section, [key, word]);
  }
  addCommand(key: string, argv: readonly string[]): void {
    this.#service = addCommand(this.#service, "Service", [key, argv]);
  }
  set(key: string, value: string): void {
    this.#service = setLine(this.#service, "Service", [key, value]);
  }
  setDefault(key: string, value: string): void {
    if (this.serviceValue(key) === undefined) this.set(key, value);
  }
  /** The service runs after another and ends when that does. */
  requires(serviceFile: string): void {
    this.add("Unit", "Requires", serviceFile);
    this.add("Unit", "After", serviceFile);
  }

  /** `podman` with its global flags. */
  podman(...args: readonly string[]): string[] {
    return [
      this.context.podman,
      ...this.all("ContainersConfModule").map((module) => `--module=${module}`),
      ...this.words("GlobalArgs"),
      ...args,
    ];
  }

  /** A path of the quadlet's, relative to its file; one that begins with a specifier is systemd's to complete. */
  path(path: string): string {
    if (beginsWithSpecifier(path) || isAbsolute(path)) return path;
    return this.unit.path === "" ? resolve(path) : join(dirname(this.unit.path), path);
  }

  /** Names of another quadlet by its file name. */
  named(file: string, what: string): QuadletNames {
    const names = this.context.names.get(file);
    if (names === undefined) throw invalid(`requested Quadlet ${what} ${file} was not found`);
    return names;
  }
}

export function invalid(text: string): ToolError {
  return new ToolError("invalid-argument", text);
}

/** `%h/x` does, `%%x` does not. */
export function beginsWithSpecifier(text: string): boolean {
  return text.startsWith("%") && !text.startsWith("%%");
}

function refuseUnknownKeys(unit: UnitFile, section: string, known: ReadonlySet<string>): void {
  const unknown = keysOf(unit, section).find((key) => !known.has(key));
  if (unknown !== undefined) throw invalid(`unsupported key '${unknown}' in group '${section}' in ${unit.path}`);
}

/** Dependencies on quadlets become dependencies on their services. */
function translateDependencies(unit: UnitFile, { names }: TranslateContext): UnitFile {
  return DEPENDENCIES.reduce((translated, key) => {
    const words = listValues(translated, "Unit", key);
    if (!words.some((word) => extensionOf(word) in quadletKinds)) return translated;
    const services = words.map((word) => {
      const service = extensionOf(word) in quadletKinds ? names.get(word)?.serviceFile : word;
      if (service === undefined) throw invalid(`unable to translate dependency for ${word}`);
      return service;
    });
    return addLine(removeLines(translated, "Unit", key), "Unit", [key, services.join(" ")]);
  }, unit);
}
