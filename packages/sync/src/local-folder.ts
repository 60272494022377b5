import { lstatSync, mkdirSync } from 'node:fs';
import { lstat, mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promptly } from '@s3kit/core';
import type { SkipReason } from './action.ts';
import { strayNameProblem } from './local-name.ts';

/** Why nothing may be written to, or deleted from, a name. */
export interface Obstacle {
  readonly reason: SkipReason;
  readonly detail: string;
}

// Folders that are known to be there. Names come in order, so that those of one folder come together.
const maximumKnown = 10_000;

/**
 * A folder of this machine that is written to, and that nothing leaves.
 *
 * A symbolic link in it may lead to another place in it, and nowhere else: what would be written or deleted through one that leads
 * outside is left alone. (Who changes links while this runs can still lead it astray.)
 */
export class LocalFolder {
  readonly #path: string;
  /** What stands before the names of what is in it. */
  readonly #start: string;
  readonly #known: Map<string, Promise<Obstacle | undefined>> = new Map();
  /** Those of them that were not there before: what is in them, this run has put there. */
  readonly #made: Set<string> = new Set();
  #root: string | undefined;
  readonly #looksOnly: boolean;

  /** @param looksOnly - makes nothing, and takes for there what would have been made by then */
  constructor(path: string, looksOnly: boolean = false) {
    this.#path = path;
    this.#looksOnly = looksOnly;
    this.#start = path === '' ? '' : join(path, sep);
  }

  pathOf(name: string): string {
    // No part of it is empty, or leads upwards.
    return this.#start + (sep === '/' ? name : name.replaceAll('/', sep));
  }

  /** Makes the folders of a name; tells what keeps it from being written. */
  prepare(name: string): undefined | Promise<Obstacle | undefined> {
    return this.isNew(name) ? undefined : this.#prepare(name);
  }

  async #prepare(name: string): Promise<Obstacle | undefined> {
    const obstacle = await this.#folder(parentOf(name), true);
    if (obstacle !== undefined) return obstacle;
    if (this.isNew(name)) return undefined;
    return (await this.#checkFile(name)) ?? (this.#looksOnly ? this.#take(name) : undefined);
  }

  /** Takes a name for a file's that is not made; tells whether a folder would be there by then. */
  async #take(name: string): Promise<Obstacle | undefined> {
    const before = this.#known.get(name);
    if (before !== undefined && (await before) === undefined) return folderInTheWay;
    this.#makeRoom();
    this.#known.set(name, Promise.resolve(noFolder(name)));
    return undefined;
  }

  /** Whether nothing can be there of that name, since this run has made its folder, and no folder of that name in it. */
  isNew(name: string): boolean {
    return this.#made.has(parentOf(name)) && !this.#known.has(name);
  }

  /** Makes a folder. */
  async makeFolder(name: string): Promise<Obstacle | undefined> {
    return this.#folder(name.slice(0, -1), true);
  }

  /** Takes nothing for granted any more: somebody else removes folders. */
  forget(): void {
    this.#known.clear();
    this.#made.clear();
  }

  /**
   * Deletes a file, or an empty folder, and the folders that are empty without it.
   *
   * @param keepsFolders - these stay
   * @throws {Error} it cannot be deleted
   */
  async delete(name: string, keepsFolders: boolean): Promise<Obstacle | undefined> {
    const stray = strayNameProblem(name);
    if (stray !== undefined) return { reason: 'impossible-name', detail: stray };
    const obstacle = await this.#folder(parentOf(name), false).catch(unless('ENOENT'));
    if (obstacle !== undefined) return obstacle;
    if (name.endsWith('/')) await removeFolder(this.pathOf(name));
    else await unlink(this.pathOf(name)).catch(unless('ENOENT'));
    if (keepsFolders) return undefined;
    for (let folder = parentOf(name.replace(/\/$/, '')); folder !== ''; folder = parentOf(folder)) {
      if (!(await removeFolder(this.pathOf(folder)))) break;
    }
    return undefined;
  }

  /** Whether a folder is one of ours; makes it where it is missing. */
  async #folder(name: string, make: boolean): Promise<Obstacle | undefined> {
    if (name === '') {
      if (this.#root === undefined) {
        if (make && !this.#looksOnly) await mkdir(this.#path, { recursive: true });
        const real = realpath(this.#path);
        this.#root = await (this.#looksOnly ? real.catch(unless('ENOENT')) : real);
      }
      return undefined;
    }
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#makeRoom();
    const checked = this.#checkBelow(name, make);
    this.#known.set(name, checked);
    // What has failed may be tried again.
    checked.catch(() => this.#known.delete(name));
    return checked;
  }

  #makeRoom(): void {
    if (this.#known.size >= maximumKnown) this.forget();
  }

  async #checkBelow(name: string, make: boolean): Promise<Obstacle | undefined> {
    return (await this.#folder(parentOf(name), make)) ?? this.#checkFolder(name, make);
  }

  async #checkFolder(name: string, make: boolean): Promise<Obstacle | undefined> {
    const path = this.pathOf(name);
    if (make && !this.#looksOnly) {
      try {
        await promptly(
          () => mkdirSync(path),
          () => mkdir(path),
        );
        this.#made.add(name);
        return undefined;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
    }
    const stats = await (this.#looksOnly ? lstat(path).catch(unless('ENOENT')) : lstat(path));
    if (stats === undefined || stats.isDirectory()) return undefined;
    const isFolder = stats.isSymbolicLink() && (await realpath(path).catch(() => undefined)) !== undefined;
    if (!isFolder) return noFolder(name);
    return this.#checkInside(name, path);
  }

  async #checkFile(name: string): Promise<Obstacle | undefined> {
    const path = this.pathOf(name);
    const stats = await promptly(
      () => lstatSync(path, { throwIfNoEntry: false }),
      () => lstat(path).catch(unless('ENOENT')),
    );
    if (stats === undefined || stats.isFile()) return undefined;
    if (stats.isDirectory()) return folderInTheWay;
    if (stats.isSymbolicLink()) {
      // One that leads nowhere is replaced.
      return (await realpath(path).catch(unless('ENOENT'))) === undefined
        ? undefined
        : this.#checkInside(name, path);
    }
    return { reason: 'special-file', detail: 'what is there is neither a file nor a folder' };
  }

  async #checkInside(name: string, path: string): Promise<Obstacle | undefined> {
    const real = await realpath(path);
    const root = this.#root ?? '';
    if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    return {
      reason: 'outside',
      detail: `${JSON.stringify(name)} is a symbolic link that leads out of the destination`,
    };
  }
}

const folderInTheWay: Obstacle = {
  reason: 'clash',
  detail: 'a folder of that name is there; no file can take its place',
};

function noFolder(name: string): Obstacle {
  return { reason: 'clash', detail: `${JSON.stringify(name)} is there, and is no folder` };
}

/** The folder of a name, without a slash; empty for the top. */
function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/', name.length - 2)));
}

/** Removes a folder if it is empty; tells whether it was. */
async function removeFolder(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (
      code === 'ENOTEMPTY' ||
      code === 'EEXIST' ||
      code === 'ENOENT' ||
      code === 'ENOTDIR' ||
      code === 'EBUSY'
    )
      return false;
    throw error;
  }
}

/** The `code` of a system's error. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** For `catch`: undefined for one system error, all others go on. */
export function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (codeOf(error) !== code) throw error;
    return undefined;
  };
}

/** What was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
