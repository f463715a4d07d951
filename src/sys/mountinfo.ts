/** One line of /proc/<pid>/mountinfo, its octal escapes resolved. Source: proc_pid_mountinfo(5). */
export interface MountinfoEntry {
  readonly id: number;
  readonly parentId: number;
  /** "major:minor" of the filesystem. */
  readonly device: string;
  /** The directory of the filesystem that is the root of this mount. */
  readonly root: string;
  readonly mountpoint: string;
  /** Per-mount options, such as "rw,nosuid". */
  readonly options: string;
  /** "shared:1", "master:2", "propagate_from:3", "unbindable". */
  readonly optionalFields: readonly string[];
  readonly fsType: string;
  readonly source: string;
  /** Per-filesystem options, such as "rw,cpu,cpuacct". */
  readonly superOptions: string;
}

/**
 * Parses a mount table, in its order, and only its lines that contain `containing`. Lines that are not of the
 * documented form are left out. Source: proc_pid_mountinfo(5).
 */
export function parseMountinfo(text: string, containing = " - "): readonly MountinfoEntry[] {
  const entries: MountinfoEntry[] = [];
  for (let hit = text.indexOf(containing); hit !== -1; ) {
    const start = text.lastIndexOf("\n", hit) + 1;
    const newline = text.indexOf("\n", hit);
    const end = newline === -1 ? text.length : newline;
    const entry = parseLine(text.slice(start, end));
    if (entry !== undefined) entries.push(entry);
    hit = text.indexOf(containing, end);
  }
  return entries;
}

const FIRST_OPTIONAL_FIELD = 6;

function parseLine(line: string): MountinfoEntry | undefined {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", FIRST_OPTIONAL_FIELD);
  const [id, parentId, device, root, mountpoint, options] = fields;
  const [fsType, source, superOptions] = separator === -1 ? [] : fields.slice(separator + 1);
  if (device === undefined || root === undefined || mountpoint === undefined || options === undefined) return undefined;
  if (fsType === undefined || source === undefined || superOptions === undefined) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescapeOctal(root),
    mountpoint: unescapeOctal(mountpoint),
    options,
    optionalFields: fields.slice(FIRST_OPTIONAL_FIELD, separator),
    fsType: unescapeOctal(fsType),
    source: unescapeOctal(source),
    superOptions: unescapeOctal(superOptions),
  };
}

/**
 * The kernel writes space, tab, newline and backslash as a backslash and three octal digits. Other bytes are kept as
 * they were decoded.
 */
function unescapeOctal(field: string): string {
  if (!field.includes("\\")) return field;
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
