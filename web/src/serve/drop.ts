// Files that are dropped or chosen, with their folders.

export interface Picked { file: File; name: string }

const wanted = /\.(png|jpe?g|bmp|tiff?|webp|zip)$/i;

/** keep leaves out what the server would not take: hidden files and others. */
export const keep = (files: Picked[]): Picked[] => files.filter(({ name }) => wanted.test(name) && !/(^|\/)\./.test(name));

export const chosen = (list: FileList | null): Picked[] => Array.from(list ?? [], (file) => ({ file, name: file.webkitRelativePath || file.name }));

/** dropped lists what was dropped, folders included. */
export async function dropped(data: DataTransfer): Promise<Picked[]> {
  // Entries are there only until the first pause.
  const entries = Array.from(data.items, (i) => i.webkitGetAsEntry?.() ?? null).filter((e) => e !== null);
  if (entries.length === 0) return chosen(data.files);
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) { // a reader gives a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const e of some) found.push(...(await walk(e)));
  }
}
