/** How containers are looked up, here or at a service. */
export interface ContainerFinder {
  /** Id of the one that was created last; undefined when there is none. */
  latest(): Promise<string | undefined>;
  /** All that fit the filters of `ps`. */
  list(filters: Readonly<Record<string, readonly string[]>>): Promise<ReadonlyArray<{ readonly id: string; readonly shownStatus: string }>>;
  /** Full id by name, id or prefix; undefined when there is no such container. */
  idOf(reference: string): Promise<string | undefined>;
}
