/** What templates of `inspect` see: the fields under Go's names, with times that are times; as JSON they are what is printed without a template. */

type Fields = Readonly<Record<string, unknown>>;

/** The data of `inspect`: absent texts are empty, maps are maps. */
export function inspectTemplateData(data: object): object {
  const { Name = "", Tag = "", Digest, RepoTags, Created, Labels, LayersData, ...rest } = data as Fields;
  const layers = (LayersData as readonly Fields[]).map((layer) => struct(layer, { ...layer, Annotations: asMap(layer["Annotations"]) }));
  const { DockerVersion, Architecture, Os, Layers, Env } = rest;
  return struct(data, {
    ...{ Name, Tag, Digest, RepoTags, Created: asTime(Created), DockerVersion, Labels: asMap(Labels), Architecture, Os, Layers },
    ...{ LayersData: layers, Env: Env ?? [] },
  });
}

/** The data of `inspect --config`. */
export function configTemplateData(data: object): object {
  const json = data as Fields;
  const platform = {
    Architecture: json["architecture"] ?? "",
    OS: json["os"] ?? "",
    OSVersion: "",
    OSFeatures: [],
    Variant: json["variant"] ?? "",
  };
  const rootfs = (json["rootfs"] ?? {}) as Fields;
  const history = (json["history"] ?? []) as readonly Fields[];
  const fields = {
    Created: asTime(json["created"]),
    Author: json["author"] ?? "",
    Platform: platform,
    Config: runConfig((json["config"] ?? {}) as Fields),
    RootFS: struct(rootfs, { Type: rootfs["type"] ?? "", DiffIDs: rootfs["diff_ids"] ?? [] }),
    History: history.map((entry) =>
      struct(entry, {
        Created: asTime(entry["created"]),
        CreatedBy: entry["created_by"] ?? "",
        Author: entry["author"] ?? "",
        Comment: entry["comment"] ?? "",
        EmptyLayer: entry["empty_layer"] ?? false,
      }),
    ),
  };
  return struct(data, fields, platform);
}

function runConfig(config: Fields): object {
  return struct(config, {
    User: config["User"] ?? "",
    ExposedPorts: asMap(config["ExposedPorts"]),
    Env: config["Env"] ?? [],
    Entrypoint: config["Entrypoint"] ?? [],
    Cmd: config["Cmd"] ?? [],
    Volumes: asMap(config["Volumes"]),
    WorkingDir: config["WorkingDir"] ?? "",
    Labels: asMap(config["Labels"]),
    StopSignal: config["StopSignal"] ?? "",
    ArgsEscaped: config["ArgsEscaped"] ?? false,
  });
}

/** An object of Go's: its fields in order, and those of an embedded one by their names alone. */
function struct(json: object, fields: Fields, embedded: Fields = {}): object {
  const made: object = Object.assign(Object.create({ ...embedded }), fields);
  Object.defineProperty(made, "toJSON", { value: () => json });
  return made;
}

function asTime(text: unknown): Date | string | null {
  if (typeof text !== "string") return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time);
}

function asMap(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
}
